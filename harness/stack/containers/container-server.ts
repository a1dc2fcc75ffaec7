import { messageOf, OperationError } from "../../../src/errors.ts";
import { retryUntil } from "../deadline.ts";
import { FatalError } from "../native/server.ts";
import type { ServerName, ServerStatus } from "../stack.ts";
import { containersWith, type Docker, serverLabel, stackLabel } from "./docker.ts";

/** Without the native stack's class archives a JVM starts slowly, and pulled images are cold. */
const readyTimeoutMs = 240_000;
const stopSeconds = 8;
const logTailLines = 20;
/** A JVM's class path is one line. */
const mostLineLength = 500;

export interface ContainerServerOptions {
  readonly docker: Docker;
  readonly stackDir: string;
  readonly name: ServerName;
  readonly address: string;
  /** Returns once the server answers as it should; throws why it does not. */
  readonly probe: () => Promise<void>;
  /** Makes the container and starts it. */
  readonly create: () => Promise<void>;
}

/** One server's container, which another process may have made. It keeps its ports and its data until it is removed. */
export class ContainerServer {
  constructor(private readonly options: ContainerServerOptions) {}

  /** Starts it unless it runs, and waits until it is ready. @returns whether it had to be started */
  async start(): Promise<boolean> {
    const { name, address, probe, create } = this.options;
    const found = await this.find();
    const running = found?.State === "running" || found?.State === "paused";
    const attempt = async () => {
      if ((await this.find())?.State !== "running") throw new FatalError("its container has ended");
      await probe();
    };
    try {
      if (found?.State === "paused") await this.container(found.Id).unpause();
      else if (found === undefined) await create();
      else if (!running) await this.container(found.Id).start();
      await retryUntil(attempt, {
        timeoutMs: readyTimeoutMs,
        intervalMs: 200,
        giveUp: (error) => error instanceof FatalError,
      });
    } catch (error) {
      throw new OperationError(
        `${name} did not become ready at ${address}: ${messageOf(error)}\nThe end of its log:\n${await this.logTail()}`,
      );
    }
    return !running;
  }

  async kill(): Promise<void> {
    const found = await this.find();
    if (found === undefined || !isAlive(found.State)) return;
    await this.container(found.Id).kill({ signal: "SIGKILL" });
    await this.container(found.Id).wait();
  }

  async pause(): Promise<void> {
    await this.container((await this.expectRunning()).Id).pause();
  }

  async resume(): Promise<void> {
    const found = await this.expectRunning();
    if (found.State === "paused") await this.container(found.Id).unpause();
  }

  /** Asks it to stop by its image's signal; Docker kills it past a deadline. */
  async stop(): Promise<void> {
    const found = await this.find();
    if (found === undefined || !isAlive(found.State)) return;
    if (found.State === "paused") await this.container(found.Id).unpause();
    await this.container(found.Id).stop({ t: stopSeconds });
  }

  async status(): Promise<ServerStatus> {
    const { name, address, probe } = this.options;
    const found = await this.find();
    if (found === undefined || !isAlive(found.State)) return { name, state: "down", address };
    if (found.State === "paused") return { name, state: "paused", address };
    try {
      await probe();
      return { name, state: "ready", address };
    } catch (error) {
      return { name, state: "unready", address, reason: messageOf(error) };
    }
  }

  private async expectRunning() {
    const found = await this.find();
    if (found === undefined || !isAlive(found.State)) {
      throw new OperationError(`${this.options.name} is not running: start it first`);
    }
    return found;
  }

  private async find() {
    const { docker, stackDir, name } = this.options;
    const containers = await containersWith(docker, `${stackLabel}=${stackDir}`);
    return containers.find(({ Labels }) => Labels[serverLabel] === name);
  }

  private container(id: string) {
    return this.options.docker.getContainer(id);
  }

  private async logTail(): Promise<string> {
    const found = await this.find();
    if (found === undefined) return "(it has no container)";
    const log = await this.container(found.Id).logs({ stdout: true, stderr: true, tail: logTailLines });
    return withoutFrames(log)
      .split("\n")
      .map((line) => line.slice(0, mostLineLength))
      .join("\n");
  }
}

function isAlive(state: string): boolean {
  return state === "running" || state === "paused" || state === "restarting";
}

/** The text of a log, in which each piece follows 8 bytes: its stream, and its length in the last four. Pure. */
export function withoutFrames(log: Buffer): string {
  const pieces: Buffer[] = [];
  for (let at = 0; at + 8 <= log.length; at += 8 + log.readUInt32BE(at + 4)) {
    pieces.push(log.subarray(at + 8, at + 8 + log.readUInt32BE(at + 4)));
  }
  return Buffer.concat(pieces).toString().trimEnd();
}
