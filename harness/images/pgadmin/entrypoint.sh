#!/bin/bash
# pgAdmin from PyPI, preset from PGADMIN_CONFIG_... variables and /pgadmin4/servers.json as dpage/pgadmin4 is.
set -euo pipefail
package=$(/venv/bin/python -I -c 'import pgadmin4; print(list(pgadmin4.__path__)[0])')
export CONFIG_DISTRO_FILE_PATH=/pgadmin4/config_distro.py
echo "DATA_DIR = '/var/lib/pgadmin'" > "$CONFIG_DISTRO_FILE_PATH"
env | grep '^PGADMIN_CONFIG_' | sed -E 's/^PGADMIN_CONFIG_([^=]*)=/\1 = /' >> "$CONFIG_DISTRO_FILE_PATH"
if [ ! -e /var/lib/pgadmin/pgadmin4.db ]; then
  /venv/bin/python "$package/setup.py" setup-db
  /venv/bin/python "$package/setup.py" load-servers /pgadmin4/servers.json
fi
cd "$package"
exec /venv/bin/gunicorn --bind "0.0.0.0:${PGADMIN_LISTEN_PORT:-80}" -w 1 --threads 25 pgAdmin4:app
