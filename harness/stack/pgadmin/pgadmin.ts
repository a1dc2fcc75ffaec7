import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../../src/config.ts";
import { OperationError } from "../../../src/errors.ts";
import { expectOk } from "../http.ts";
import { type Machine, serverEnvironment } from "../machine.ts";
import { findServer } from "../native/process.ts";
import { ManagedServer, type ServerDefinition } from "../native/server.ts";
import { portHolder } from "../ports/port-holder.ts";
import { isPortFree } from "../ports/ports.ts";
import { run } from "../run.ts";
import type { Endpoints } from "../stack.ts";
import { installPgadmin, type PgadminPrograms } from "./install.ts";
import { writePreset } from "./preset.ts";

export interface PgadminOptions {
  readonly config: Config;
  readonly stackDir: string;
  readonly cacheDir: string;
  readonly machine: Machine;
  readonly onProgress: (line: string) => void;
}

/** pgAdmin beside the native stack: a process of its own, with the stack's PostgreSQL registered. */
export class Pgadmin {
  constructor(private readonly options: PgadminOptions) {}

  /** Installs it where it is missing, and starts it unless it runs. @returns its address */
  async start(endpoints: Endpoints): Promise<string> {
    const { config, machine, cacheDir, onProgress } = this.options;
    const python = Bun.which("python3", { PATH: machine.environment.PATH ?? "" });
    const programs = await installPgadmin({ checkout: machine.checkout, cacheDir, python, onProgress });
    if (findServer(this.folder) === undefined) await expectFree(config.pgadminPort);
    await new ManagedServer(this.define(programs, endpoints), onProgress).start();
    return this.address;
  }

  async stop(): Promise<void> {
    if (findServer(this.folder) === undefined) return;
    await new ManagedServer(this.define(), this.options.onProgress).stop();
  }

  private get folder(): string {
    return join(this.options.stackDir, "pgadmin");
  }

  private get address(): string {
    return `http://127.0.0.1:${this.options.config.pgadminPort}`;
  }

  /** To look at and to stop; with its programs, to start as well. */
  private define(programs?: PgadminPrograms, endpoints?: Endpoints): ServerDefinition<"pgadmin"> {
    const { config, machine } = this.options;
    const { folder, address } = this;
    const environment = {
      ...serverEnvironment(machine),
      HOME: folder,
      CONFIG_DISTRO_FILE_PATH: join(folder, "config_distro.py"),
      // servers.json has pgAdmin ask for it.
      POSTGRES_ADMIN_PASSWORD: config.postgresAdminPassword,
    };
    const expectPrograms = () => {
      if (programs === undefined) throw new Error("pgAdmin was to be looked at, not started");
      return programs;
    };
    return {
      name: "pgadmin",
      folder,
      address,
      prepare: async () => {
        if (endpoints === undefined) throw new Error("pgAdmin was to be looked at, not started");
        const { checkout } = machine;
        const user = config.postgresAdminUser;
        const { servers } = writePreset({ folder, checkout, port: config.pgadminPort, user, endpoints });
        await loadServers(expectPrograms(), folder, servers, environment);
      },
      command: () => ({
        argv: [expectPrograms().python, join(expectPrograms().package, "pgAdmin4.py")],
        environment,
      }),
      probe: () => expectOk(`${address}/misc/ping`),
      stopSignal: "SIGINT",
      stopTimeoutMs: 3_000,
    };
  }
}

/** Makes pgAdmin's own database at the first start; at each, puts this stack's address in place of the last one. */
async function loadServers(
  { python, package: code }: PgadminPrograms,
  folder: string,
  servers: string,
  environment: Record<string, string>,
): Promise<void> {
  const setup = (...args: string[]) =>
    run([python, join(code, "setup.py"), ...args], "pgAdmin could not be set up", folder, environment);
  if (!existsSync(join(folder, "data/pgadmin4.db"))) await setup("setup-db");
  await setup("load-servers", servers, "--replace");
}

async function expectFree(port: number): Promise<void> {
  if (await isPortFree(port)) return;
  throw new OperationError(
    `port ${port} for pgAdmin is used by ${portHolder(port) ?? "another program"}: free it, or set PGADMIN_PORT`,
  );
}
