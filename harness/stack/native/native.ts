import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../../src/config.ts";
import { messageOf, OperationError } from "../../../src/errors.ts";
import { type Equipment, equip, type ServerContext } from "../install/equipment.ts";
import { withLock } from "../lock.ts";
import type { Machine } from "../machine.ts";
import { portHolder } from "../port-holder.ts";
import { isPortFree, type PortName, type Ports, portNames, serverOf, usualPorts } from "../ports.ts";
import { requestedPorts } from "../requested-ports.ts";
import { releasePorts, reservePorts } from "../reservations.ts";
import {
  type Endpoints,
  type Server,
  type ServerName,
  type ServerStatus,
  type Stack,
  type StartResult,
  serverNames,
} from "../stack.ts";
import { createStackDir, lockFile, readPorts, removeStackDir, writePorts } from "../state.ts";
import { defineConnect } from "./connect.ts";
import { defineElasticsearch } from "./elasticsearch.ts";
import { defineKafka } from "./kafka.ts";
import { definePostgres } from "./postgres.ts";
import { findServer, logFile } from "./process.ts";
import { CancelledError, ManagedServer, type ServerDefinition } from "./server.ts";

const definitions: Record<ServerName, (context: ServerContext) => ServerDefinition> = {
  postgres: definePostgres,
  kafka: defineKafka,
  connect: defineConnect,
  elasticsearch: defineElasticsearch,
};

export interface NativeOptions {
  readonly config: Config;
  readonly stackDir: string;
  readonly cacheDir: string;
  readonly machine: Machine;
  readonly onProgress: (line: string) => void;
}

/** Real servers as processes of this machine, on loopback. They are found again by any process with the same stackDir. */
export class NativeStack implements Stack {
  readonly provider = "native";

  constructor(private readonly options: NativeOptions) {}

  async start(): Promise<StartResult> {
    const begun = performance.now();
    return this.locked(async () => {
      const ports = await this.settlePorts();
      const started = await this.startAll(ports, serverNames);
      return {
        started: serverNames.filter((name) => started.includes(name)),
        found: serverNames.filter((name) => !started.includes(name)),
        endpoints: endpointsOf(ports),
        seconds: (performance.now() - begun) / 1000,
      };
    });
  }

  async stop(options: { purge?: boolean } = {}): Promise<void> {
    const { stackDir } = this.options;
    if (!existsSync(stackDir)) return;
    await this.locked(async () => {
      // One that is paused would keep the others, which wait for its answers, from ending.
      for (const name of this.running()) this.managed(name).signal("SIGCONT");
      // Connect writes to Kafka and reads from PostgreSQL until its end, so they outlast it.
      await Promise.all([
        this.managed("elasticsearch").stop(),
        this.managed("connect")
          .stop()
          .then(() => Promise.all([this.managed("kafka").stop(), this.managed("postgres").stop()])),
      ]);
      if (options.purge) removeStackDir(stackDir);
    });
  }

  status(): Promise<ServerStatus[]> {
    return Promise.all(serverNames.map((name) => this.managed(name).status()));
  }

  get endpoints(): Endpoints {
    const ports = readPorts(this.options.stackDir);
    if (ports === undefined) {
      throw new OperationError(`the stack in ${this.options.stackDir} was never started: bun run stack up`);
    }
    return endpointsOf(ports);
  }

  logs(name: ServerName): string {
    return logFile(this.folder(name));
  }

  server(name: ServerName): Server {
    const start = () => this.startOne(name);
    const stop = () => this.locked(() => this.managed(name).stop());
    return {
      name,
      start,
      stop,
      restart: async () => {
        await stop();
        await start();
      },
      kill: () => this.managed(name).kill(),
      pause: async () => this.managed(name).signal("SIGSTOP"),
      resume: async () => this.managed(name).signal("SIGCONT"),
      pid: () => findServer(this.folder(name)),
    };
  }

  private startOne(name: ServerName): Promise<void> {
    return this.locked(async () => {
      await this.startAll(await this.settlePorts(), [name]);
    });
  }

  /** Starts those of the servers that do not run, side by side. @returns their names */
  private async startAll(ports: Ports, names: readonly ServerName[]): Promise<ServerName[]> {
    const { stackDir, cacheDir } = this.options;
    try {
      const servers = await this.equipped(ports, names);
      const failures: unknown[] = [];
      const started = servers.map((server) =>
        server
          .start(() => failures.length > 0)
          .catch((error: unknown) => {
            if (!(error instanceof CancelledError)) failures.push(error);
            return false;
          }),
      );
      const results = await Promise.all(started);
      if (failures.length > 0) throw new OperationError(failures.map(messageOf).join("\n\n"));
      return names.filter((_, index) => results[index]);
    } finally {
      await releasePorts(cacheDir, stackDir);
    }
  }

  private async locked<T>(action: () => Promise<T>): Promise<T> {
    const { stackDir, onProgress } = this.options;
    createStackDir(stackDir);
    return withLock(lockFile(stackDir), action, {
      onWait: (holder) => onProgress(`waiting for ${holder}, which is starting or stopping this stack`),
    });
  }

  private folder(name: ServerName): string {
    return join(this.options.stackDir, name);
  }

  private running(): ServerName[] {
    return serverNames.filter((name) => findServer(this.folder(name)) !== undefined);
  }

  /** The stack's ports: those it has while any of its servers runs, since others are configured with them. */
  private async settlePorts(): Promise<Ports> {
    const { config, stackDir, cacheDir, onProgress } = this.options;
    const requested = requestedPorts(config);
    const remembered = readPorts(stackDir);
    const running = this.running();
    if (remembered !== undefined && running.length > 0) {
      for (const name of portNames) await expectPortKept(name, remembered[name], requested[name], running);
      return remembered;
    }
    const ports = await reservePorts(cacheDir, stackDir, {
      requested,
      remembered: remembered ?? {},
      isFree: isPortFree,
      holder: portHolder,
      onMoved: onProgress,
    });
    writePorts(stackDir, ports);
    return ports;
  }

  /** The servers named, with everything at hand that starting them needs. Nothing is looked for when they all run. */
  private async equipped(ports: Ports, names: readonly ServerName[]): Promise<ManagedServer[]> {
    const running = this.running();
    const missing = names.filter((name) => !running.includes(name));
    const equipment = missing.length > 0 ? await equip(missing, this.options) : undefined;
    return names.map((name) => this.managed(name, ports, equipment));
  }

  /** A server, to look at or to stop; with equipment, to start it as well. */
  private managed(name: ServerName, ports = readPorts(this.options.stackDir), equipment?: Equipment): ManagedServer {
    const context: ServerContext = {
      folder: this.folder(name),
      ports: ports ?? usualPorts,
      config: this.options.config,
      equipment: () => {
        if (equipment === undefined) throw new Error(`${name} was to be looked at, not started`);
        return equipment;
      },
    };
    return new ManagedServer(definitions[name](context), this.options.onProgress);
  }
}

async function expectPortKept(
  name: PortName,
  port: number,
  requested: { port: number; setting: string } | undefined,
  running: readonly ServerName[],
): Promise<void> {
  if (requested !== undefined && requested.port !== port) {
    throw new OperationError(
      `${requested.setting} asks for port ${requested.port}, but this stack runs with ${name} at ${port}: bun run stack down first, or drop the setting`,
    );
  }
  if (running.includes(serverOf(name)) || (await isPortFree(port))) return;
  throw new OperationError(
    `port ${port} of ${name} has been taken by ${portHolder(port) ?? "another program"} while ${running.join(", ")} of this stack run: free it, or bun run stack down first, so that other ports are taken`,
  );
}

function endpointsOf(ports: Ports): Endpoints {
  return {
    postgresHost: "127.0.0.1",
    postgresPort: ports.postgres,
    kafkaBrokers: `127.0.0.1:${ports.kafka}`,
    connectUrl: `http://127.0.0.1:${ports.connect}`,
    connectPostgresHost: "",
    connectPostgresPort: 0,
    elasticsearchUrl: `http://127.0.0.1:${ports.elasticsearch}`,
  };
}
