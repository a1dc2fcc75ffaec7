import { existsSync } from "node:fs";
import type { Config } from "../../src/config.ts";
import { messageOf, OperationError } from "../../src/errors.ts";
import { withLock } from "./lock.ts";
import { portHolder } from "./ports/port-holder.ts";
import { isPortFree, type PortName, type Ports, portNames, serverOf } from "./ports/ports.ts";
import { requestedPorts } from "./ports/requested-ports.ts";
import { releasePorts, reservationsFolder, reservePorts } from "./ports/reservations.ts";
import { CancelledError } from "./ready.ts";
import {
  type Endpoints,
  type Server,
  type ServerName,
  type ServerStatus,
  type Stack,
  type StartResult,
  serverNames,
} from "./stack.ts";
import { createStackDir, lockFile, readPorts, writePorts } from "./state.ts";

export interface LocalStackOptions {
  readonly config: Config;
  readonly stackDir: string;
  readonly onProgress: (line: string) => void;
}

/** One server of a stack on this machine, be it a process or a container, which another process may have started. */
export interface LocalServer extends Pick<Server, "stop" | "kill" | "pause" | "resume" | "pid"> {
  /**
   * Starts it unless it runs, and waits until it is ready.
   * @returns whether it had to be started
   * @throws CancelledError once `isCancelled`, which is asked while waiting
   */
  start(isCancelled: () => boolean): Promise<boolean>;
  status(): Promise<ServerStatus>;
  /** Whether it was started and has not ended; a paused one runs. */
  isRunning(): Promise<boolean>;
}

/**
 * Four servers on loopback of this machine, found again by any process with the same stackDir, which holds their ports
 * and the lock of whoever starts or stops them. What a server is made of is the provider's.
 */
export abstract class LocalStack<Options extends LocalStackOptions = LocalStackOptions> implements Stack {
  abstract readonly provider: Stack["provider"];

  constructor(protected readonly options: Options) {}

  /** A server, to look at or to stop. */
  protected abstract find(name: ServerName): LocalServer;
  /** The servers named, with all that starting them needs at hand. */
  protected abstract equip(ports: Ports, names: readonly ServerName[]): Promise<LocalServer[]>;
  /** The servers that exist with their ports: while there are any, the stack's ports stay what they are. */
  protected abstract bound(): Promise<ServerName[]>;
  /** Where clients reach servers with these ports. */
  protected abstract endpointsOf(ports: Ports): Endpoints;
  /** Removes the stack's data, and its folder. */
  protected abstract purge(): Promise<void>;
  abstract logs(name: ServerName): string;

  async start(): Promise<StartResult> {
    const begun = performance.now();
    return this.locked(async () => {
      await this.beforeStart();
      const ports = await this.settlePorts();
      const started = await this.startAll(ports, serverNames);
      return {
        started: serverNames.filter((name) => started.includes(name)),
        found: serverNames.filter((name) => !started.includes(name)),
        endpoints: this.endpointsOf(ports),
        seconds: (performance.now() - begun) / 1000,
      };
    });
  }

  async stop(options: { purge?: boolean } = {}): Promise<void> {
    if (!existsSync(this.options.stackDir)) return;
    await this.locked(async () => {
      await this.stopAll();
      await releasePorts(reservationsFolder(), this.options.stackDir);
      if (options.purge) await this.purge();
    });
  }

  status(): Promise<ServerStatus[]> {
    return Promise.all(serverNames.map((name) => this.find(name).status()));
  }

  get endpoints(): Endpoints {
    const ports = readPorts(this.options.stackDir);
    if (ports === undefined) {
      throw new OperationError(`the stack in ${this.options.stackDir} was never started: bun run stack up`);
    }
    return this.endpointsOf(ports);
  }

  server(name: ServerName): Server {
    const start = () => this.startOne(name);
    const stop = () => this.locked(() => this.find(name).stop());
    return {
      name,
      start,
      stop,
      restart: async () => {
        await stop();
        await start();
      },
      kill: () => this.find(name).kill(),
      pause: () => this.find(name).pause(),
      resume: () => this.find(name).resume(),
      pid: () => this.find(name).pid(),
    };
  }

  /** Called under the lock, before ports are chosen. */
  protected async beforeStart(): Promise<void> {}

  protected async stopAll(): Promise<void> {
    // One that is paused would keep the others, which wait for its answers, from ending.
    for (const server of serverNames.map((name) => this.find(name))) {
      if (await server.isRunning()) await server.resume();
    }
    // Connect writes to Kafka and reads from PostgreSQL until its end, so they outlast it.
    await Promise.all([
      this.find("elasticsearch").stop(),
      this.find("connect")
        .stop()
        .then(() => Promise.all([this.find("kafka").stop(), this.find("postgres").stop()])),
    ]);
  }

  private startOne(name: ServerName): Promise<void> {
    return this.locked(async () => {
      await this.startAll(await this.settlePorts(), [name]);
    });
  }

  /** Starts those of the servers that do not run, side by side. @returns their names */
  private async startAll(ports: Ports, names: readonly ServerName[]): Promise<ServerName[]> {
    const servers = await this.equip(ports, names);
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
  }

  private async settlePorts(): Promise<Ports> {
    const { config, stackDir, onProgress } = this.options;
    const requested = requestedPorts(config);
    const remembered = readPorts(stackDir);
    const bound = await this.bound();
    if (remembered !== undefined && bound.length > 0) {
      for (const name of portNames) await expectPortKept(name, remembered[name], requested[name], bound);
      return remembered;
    }
    const ports = await reservePorts(reservationsFolder(), stackDir, {
      requested,
      remembered: remembered ?? {},
      isFree: isPortFree,
      holder: portHolder,
      onMoved: onProgress,
    });
    writePorts(stackDir, ports);
    return ports;
  }

  private async locked<T>(action: () => Promise<T>): Promise<T> {
    const { stackDir, onProgress } = this.options;
    createStackDir(stackDir);
    return withLock(lockFile(stackDir), action, {
      onWait: (holder) => onProgress(`waiting for ${holder}, which is starting or stopping this stack`),
    });
  }
}

async function expectPortKept(
  name: PortName,
  port: number,
  requested: { port: number; setting: string } | undefined,
  bound: readonly ServerName[],
): Promise<void> {
  if (requested !== undefined && requested.port !== port) {
    throw new OperationError(
      `${requested.setting} asks for port ${requested.port}, but this stack has ${name} at ${port}: bun run stack down first, or drop the setting`,
    );
  }
  if (bound.includes(serverOf(name)) || (await isPortFree(port))) return;
  throw new OperationError(
    `port ${port} of ${name} has been taken by ${portHolder(port) ?? "another program"} while ${bound.join(", ")} of this stack keep theirs: free it, or bun run stack down first, so that other ports are taken`,
  );
}
