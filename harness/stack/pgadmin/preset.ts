import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Endpoints } from "../stack.ts";

export interface Preset {
  /** pgAdmin's data, and what is written here. */
  readonly folder: string;
  readonly checkout: string;
  readonly port: number;
  readonly user: string;
  readonly endpoints: Pick<Endpoints, "postgresHost" | "postgresPort">;
}

/**
 * Writes the configuration by which pgAdmin is for one person on loopback, without a login or a master password, and
 * the container's list of servers with this stack's address in it. The password is in neither: pgAdmin asks a command.
 * @returns the two files
 */
export function writePreset(preset: Preset): { configuration: string; servers: string } {
  const { folder, checkout, port, user, endpoints } = preset;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const configuration = join(folder, "config_distro.py");
  const servers = join(folder, "servers.json");
  const values = {
    SERVER_MODE: false,
    MASTER_PASSWORD_REQUIRED: false,
    USE_OS_SECRET_STORAGE: false,
    UPGRADE_CHECK_ENABLED: false,
    DEFAULT_SERVER: "127.0.0.1",
    DEFAULT_SERVER_PORT: port,
    DATA_DIR: join(folder, "data"),
  };
  const lines = Object.entries(values).map(([name, value]) => `${name} = ${inPython(value)}\n`);
  writeFileSync(configuration, lines.join(""));
  const shared = JSON.parse(readFileSync(join(checkout, "infra/pgadmin/servers.json"), "utf8"));
  const own = { Host: endpoints.postgresHost, Port: endpoints.postgresPort, Username: user };
  const entries = Object.entries(shared.Servers as Record<string, object>);
  const changed = { Servers: Object.fromEntries(entries.map(([id, server]) => [id, { ...server, ...own }])) };
  writeFileSync(servers, JSON.stringify(changed, null, 2));
  return { configuration, servers };
}

function inPython(value: string | number | boolean): string {
  if (typeof value === "boolean") return value ? "True" : "False";
  return JSON.stringify(value);
}
