import { OperationError } from "../../../src/errors.ts";
import { waitFor } from "../deadline.ts";
import { isStopped } from "../identity.ts";
import { FatalError, readiness, waitUntilReady } from "../ready.ts";
import type { ServerName, ServerStatus } from "../stack.ts";
import { fileSize, readTail } from "./log-tail.ts";
import { findServer, killTree, logFile, type ServerCommand, signalTree, spawnServer, trySignal } from "./process.ts";

/** What is particular to one kind of server. Everything about its process is in ManagedServer. */
export interface ServerDefinition<Name extends string = ServerName> {
  readonly name: Name;
  /** Where its data, pid file and log are. */
  readonly folder: string;
  readonly address: string;
  /** Makes data and configuration ready; called before each start. */
  readonly prepare: () => Promise<void>;
  readonly command: () => ServerCommand;
  /** Returns once the server answers as it should; throws why it does not. FatalError when waiting will not help. */
  readonly probe: () => Promise<void>;
  /** Called when the server has ended by itself after `stopSignal`. */
  readonly afterStop?: () => void;
  readonly stopSignal: NodeJS.Signals;
  /** After this long it is killed. */
  readonly stopTimeoutMs: number;
}

const startTimeoutMs = 90_000;
const killTimeoutMs = 5_000;
const logTailLines = 20;

/** A server as a process of this machine, which may have been started by another process. */
export class ManagedServer<Name extends string = ServerName> {
  constructor(
    readonly definition: ServerDefinition<Name>,
    private readonly onProgress: (line: string) => void,
  ) {}

  get name(): Name {
    return this.definition.name;
  }

  pid(): number | undefined {
    return findServer(this.definition.folder);
  }

  /**
   * Starts the server unless it runs, and waits until it is ready, or until `isCancelled`.
   * @returns whether it had to be started
   */
  async start(isCancelled: () => boolean = () => false): Promise<boolean> {
    const { definition } = this;
    const begun = performance.now();
    const running = this.pid();
    let logStart = fileSize(logFile(definition.folder));
    if (running !== undefined) {
      if (isStopped(running)) signalTree(running, "SIGCONT");
    } else {
      await definition.prepare();
      logStart = fileSize(logFile(definition.folder));
      await spawnServer(definition.folder, definition.command());
    }
    await this.waitUntilReady(logStart, isCancelled);
    if (running === undefined) {
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      this.onProgress(`${definition.name} is ready at ${definition.address} (${seconds} s)`);
    }
    return running === undefined;
  }

  /** Asks the server to stop, and kills it past its deadline. */
  async stop(): Promise<void> {
    const pid = this.pid();
    if (pid === undefined) return;
    const { name, stopSignal, stopTimeoutMs } = this.definition;
    trySignal(pid, stopSignal);
    signalTree(pid, "SIGCONT");
    if (await waitFor(() => this.pid() === undefined, stopTimeoutMs)) {
      this.definition.afterStop?.();
      return;
    }
    this.onProgress(`${name} did not stop within ${stopTimeoutMs / 1000} s, and was killed`);
    await this.kill();
  }

  async kill(): Promise<void> {
    const pid = this.pid();
    if (pid === undefined || (await killTree(pid, killTimeoutMs))) return;
    throw new OperationError(`${this.name} (process ${pid}) is still there ${killTimeoutMs / 1000} s after SIGKILL`);
  }

  async pause(): Promise<void> {
    signalTree(this.expectRunning(), "SIGSTOP");
  }

  async resume(): Promise<void> {
    signalTree(this.expectRunning(), "SIGCONT");
  }

  async status(): Promise<ServerStatus<Name>> {
    const { name, address } = this.definition;
    const pid = this.pid();
    if (pid === undefined) return { name, state: "down", address };
    if (isStopped(pid)) return { name, state: "paused", address, pid };
    return { name, address, pid, ...(await readiness(this.definition.probe)) };
  }

  async isRunning(): Promise<boolean> {
    return this.pid() !== undefined;
  }

  private expectRunning(): number {
    const pid = this.pid();
    if (pid === undefined) throw new OperationError(`${this.name} is not running: start it first`);
    return pid;
  }

  private async waitUntilReady(logStart: number, isCancelled: () => boolean): Promise<void> {
    const { name, folder, address, probe } = this.definition;
    await waitUntilReady({
      name,
      address,
      timeoutMs: startTimeoutMs,
      isCancelled,
      probe: async () => {
        if (this.pid() === undefined) throw new FatalError("its process has ended");
        await probe();
      },
      log: async () => ({ place: logFile(folder), tail: readTail(logFile(folder), logTailLines, logStart) }),
    });
  }
}
