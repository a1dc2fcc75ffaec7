#!/bin/bash
# Makes the database at the first start, as postgres:18 does from POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_INITDB_ARGS.
set -euo pipefail
as_postgres() { setpriv --reuid postgres --regid postgres --clear-groups "$@"; }

if [ ! -e "$PGDATA/PG_VERSION" ]; then
  install -d -o postgres -g postgres -m 0700 "$(dirname "$PGDATA")" "$PGDATA"
  chown postgres:postgres /var/lib/postgresql
  install -o postgres -m 0600 /dev/stdin /run/password <<< "$POSTGRES_PASSWORD"
  # shellcheck disable=SC2086 # several arguments in one variable
  as_postgres initdb --pgdata="$PGDATA" --username="${POSTGRES_USER:-postgres}" ${POSTGRES_INITDB_ARGS:-} \
    --auth-host=scram-sha-256 --auth-local=trust --pwfile=/run/password
  rm /run/password
  echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
fi
exec setpriv --reuid postgres --regid postgres --clear-groups "$@" -clisten_addresses='*'
