import { OperationError } from "../../../src/errors.ts";
import type { LocalServer } from "../local-stack.ts";
import { FatalError, readiness, waitUntilReady } from "../ready.ts";
import type { ServerName, ServerStatus } from "../stack.ts";
import { connectDocker, containersWith, serverLabel, stackLabel } from "./docker.ts";

/** Without the native stack's class archives a JVM starts slowly, and pulled images are cold. */
const readyTimeoutMs = 240_000;
const stopSeconds = 8;
const logTailLines = 20;
/** A JVM's class path is one line. */
const mostLineLength = 500;

export interface ContainerServerOptions {
  readonly stackDir: string;
  readonly name: ServerName;
  /** Its name in Docker. */
  readonly container: string;
  readonly address: string;
  /** Returns once the server answers as it should; throws why it does not. */
  readonly probe: () => Promise<void>;
  /** Makes the container and starts it. */
  readonly create: () => Promise<void>;
}

/** One server's container, which another process may have made. It keeps its ports and its data until it is removed. */
export class ContainerServer implements LocalServer {
  constructor(private readonly options: ContainerServerOptions) {}

  async start(isCancelled: () => boolean): Promise<boolean> {
    const { name, container, address, probe, create } = this.options;
    const found = await this.find();
    if (found?.State === "paused") await this.resume();
    else if (found === undefined) await create();
    else if (found.State !== "running") await (await this.container(found.Id)).start();
    await waitUntilReady({
      name,
      address,
      timeoutMs: readyTimeoutMs,
      isCancelled,
      probe: async () => {
        if ((await this.find())?.State !== "running") throw new FatalError("its container has ended");
        await probe();
      },
      log: async () => ({ place: `docker logs ${container}`, tail: await this.logTail() }),
    });
    return !isAlive(found?.State);
  }

  async kill(): Promise<void> {
    const found = await this.find();
    if (found === undefined || !isAlive(found.State)) return;
    await (await this.container(found.Id)).kill({ signal: "SIGKILL" });
    await (await this.container(found.Id)).wait();
  }

  async pause(): Promise<void> {
    const found = await this.expectRunning();
    await (await this.container(found.Id)).pause();
  }

  async resume(): Promise<void> {
    const found = await this.expectRunning();
    if (found.State === "paused") await (await this.container(found.Id)).unpause();
  }

  /** Asks it to stop by its image's signal; Docker kills it past a deadline. */
  async stop(): Promise<void> {
    const found = await this.find();
    if (found === undefined || !isAlive(found.State)) return;
    if (found.State === "paused") await (await this.container(found.Id)).unpause();
    await (await this.container(found.Id)).stop({ t: stopSeconds });
  }

  async status(): Promise<ServerStatus> {
    const { name, address, probe } = this.options;
    const found = await this.find();
    if (found === undefined || !isAlive(found.State)) return { name, state: "down", address };
    if (found.State === "paused") return { name, state: "paused", address };
    return { name, address, ...(await readiness(probe)) };
  }

  async isRunning(): Promise<boolean> {
    return isAlive((await this.find())?.State);
  }

  pid(): undefined {
    return undefined;
  }

  private async expectRunning() {
    const found = await this.find();
    if (found === undefined || !isAlive(found.State)) {
      throw new OperationError(`${this.options.name} is not running: start it first`);
    }
    return found;
  }

  private async find() {
    const { stackDir, name } = this.options;
    const containers = await containersWith(await connectDocker(), `${stackLabel}=${stackDir}`);
    return containers.find(({ Labels }) => Labels[serverLabel] === name);
  }

  private async container(id: string) {
    return (await connectDocker()).getContainer(id);
  }

  private async logTail(): Promise<string> {
    const found = await this.find();
    if (found === undefined) return "(it has no container)";
    const log = await (await this.container(found.Id)).logs({ stdout: true, stderr: true, tail: logTailLines });
    return withoutFrames(log)
      .split("\n")
      .map((line) => line.slice(0, mostLineLength))
      .join("\n");
  }
}

function isAlive(state: string | undefined): boolean {
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
