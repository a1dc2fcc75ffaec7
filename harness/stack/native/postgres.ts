import { chmodSync, chownSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../../src/config.ts";
import { messageOf, OperationError } from "../../../src/errors.ts";
import { waitFor } from "../deadline.ts";
import { processesIn } from "../identity.ts";
import type { ServerContext } from "../install/equipment.ts";
import { probePostgres } from "../probes.ts";
import { FatalError } from "../ready.ts";
import { trySignal, type UserId } from "./process.ts";
import type { ServerDefinition } from "./server.ts";
import { expectEnterable, userForData } from "./user.ts";

/** fsync stays on. What fails is logged without the statement and its detail: both hold values of rows. */
const settings = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  wal_level: "logical",
  max_replication_slots: "32",
  max_wal_senders: "32",
  max_connections: "200",
  shared_buffers: "256MB",
  max_wal_size: "2GB",
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
  log_line_prefix: "%m [%p] %u@%d ",
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
} as const;

/** PostgreSQL, on loopback, with passwords (SCRAM) and logical decoding. */
export function definePostgres(context: ServerContext): ServerDefinition {
  const { folder, ports, config, equipment } = context;
  const data = join(folder, "data");
  const user = () => (equipment().isRoot ? userForData(data) : undefined);
  return {
    name: "postgres",
    folder,
    address: `127.0.0.1:${ports.postgres}`,
    prepare: async () => {
      const owner = user();
      mkdirSync(folder, { recursive: true });
      if (owner) {
        expectEnterable(folder, owner.name, "STACK_DIR");
        expectEnterable(equipment().postgresPrograms, owner.name, "CACHE_DIR");
        chownSync(folder, owner.uid, owner.gid);
      }
      await endLeftBackends(data);
      if (!existsSync(join(data, "PG_VERSION"))) await createData(context, data, owner);
    },
    command: () => {
      const { postgresPrograms, environment } = equipment();
      const all = Object.entries({ ...settings, port: ports.postgres });
      const flags = all.flatMap(([name, value]) => ["-c", `${name}=${value}`]);
      return { argv: [join(postgresPrograms, "bin/postgres"), "-D", data, ...flags], environment, user: user() };
    },
    probe: () => probe(folder, ports.postgres, config),
    // Fast shutdown: sessions are ended rather than waited for.
    stopSignal: "SIGINT",
    stopTimeoutMs: 4_000,
  };
}

async function createData(context: ServerContext, data: string, user: UserId | undefined): Promise<void> {
  const { folder, config } = context;
  const { postgresPrograms, environment } = context.equipment();
  // In a folder of its own first: one that was cut short is never taken for a database.
  const partial = `${data}.partial`;
  const passwordFile = join(folder, "password");
  rmSync(partial, { recursive: true, force: true });
  writeFileSync(passwordFile, config.postgresAdminPassword, { mode: 0o600 });
  if (user) chownSync(passwordFile, user.uid, user.gid);
  const flags = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-sync"];
  const access = ["--auth=scram-sha-256", `--username=${config.postgresAdminUser}`, `--pwfile=${passwordFile}`];
  const child = Bun.spawn([join(postgresPrograms, "bin/initdb"), `--pgdata=${partial}`, ...flags, ...access], {
    cwd: folder,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
    ...user,
  });
  const [output, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  rmSync(passwordFile);
  if ((await child.exited) !== 0) {
    throw new OperationError(`PostgreSQL's initdb failed in ${folder}:\n${`${output}\n${errors}`.trim()}`);
  }
  chmodSync(partial, 0o700);
  renameSync(partial, data);
}

/**
 * Backends outlive a postmaster that was killed for an instant, or longer in a long query, and keep a new one from
 * starting. Nothing of ours runs there, so they are ended, and the lock file is removed: its id may be another's by now.
 */
async function endLeftBackends(data: string): Promise<void> {
  if (process.platform !== "linux" || !existsSync(join(data, "postmaster.pid"))) return;
  if (!(await waitFor(() => processesIn(data).length === 0, 1_000))) {
    for (const pid of processesIn(data)) trySignal(pid, "SIGKILL");
    if (!(await waitFor(() => processesIn(data).length === 0, 5_000))) {
      throw new OperationError(`processes ${processesIn(data).join(", ")} still use ${data}: end them, and try again`);
    }
  }
  rmSync(join(data, "postmaster.pid"), { force: true });
}

async function probe(folder: string, port: number, config: Config): Promise<void> {
  try {
    await probePostgres({ ...config, postgresHost: "127.0.0.1", postgresPort: port, postgresSslMode: "disable" });
  } catch (error) {
    // 28P01: wrong password; 28000: no such role.
    if (!["28P01", "28000"].includes((error as { code?: string }).code ?? "")) throw error;
    throw new FatalError(
      `${messageOf(error)}. The data in ${folder} was created with another POSTGRES_ADMIN_USER or POSTGRES_ADMIN_PASSWORD: use those, or remove the data (bun run stack down --purge)`,
    );
  }
}
