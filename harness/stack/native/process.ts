import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "../deadline.ts";
import { descendantsOf, isAlive, noteOf, type ProcessNote } from "../identity.ts";

/** A user without privileges, as whom a server runs. */
export interface UserId {
  readonly uid: number;
  readonly gid: number;
}

export interface ServerCommand {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly user?: UserId;
}

/** A log that has grown past this is set aside (as log.1) when its server starts. */
const logLimitBytes = 64 * 1024 * 1024;

/** A server's log, in its own folder. */
export function logFile(folder: string): string {
  return join(folder, "log");
}

function pidFile(folder: string): string {
  return join(folder, "pid");
}

/**
 * The shell writes its id and identity into the pid file and then becomes the server (exec keeps both), so no instant
 * exists in which the server runs and nothing says so, even if the process that started it is killed.
 */
const recordAndBecome = `
{ echo $$; if [ -r /proc/$$/stat ]; then cat /proc/sys/kernel/random/boot_id /proc/$$/stat
  else LC_ALL=C ps -o lstart= -p $$; fi; } > "$0.new" && mv "$0.new" "$0" && exec "$@"`;

/** Starts a server in a session of its own, so that it outlives this process and gets none of the terminal's signals. */
export async function spawnServer(folder: string, command: ServerCommand): Promise<number> {
  mkdirSync(folder, { recursive: true });
  const log = logFile(folder);
  if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) > logLimitBytes) renameSync(log, `${log}.1`);
  rmSync(pidFile(folder), { force: true });
  const output = openSync(log, "a", 0o600);
  try {
    const child = Bun.spawn(["/bin/sh", "-c", recordAndBecome, pidFile(folder), ...command.argv], {
      cwd: folder,
      env: command.environment,
      stdio: ["ignore", output, output],
      detached: true,
      ...command.user,
    });
    child.unref();
    await waitFor(() => findServer(folder) !== undefined || child.exitCode !== null, 5_000, 5);
    return child.pid;
  } finally {
    closeSync(output);
  }
}

/** The id of the server that runs in a folder; undefined when none does. A recycled id is not taken for it. */
export function findServer(folder: string): number | undefined {
  let record: string;
  try {
    record = readFileSync(pidFile(folder), "utf8");
  } catch {
    return undefined;
  }
  const parsed = parseRecord(record);
  return parsed !== undefined && isAlive(parsed) ? parsed.pid : undefined;
}

/** Reads what `recordAndBecome` wrote: an id, then either boot and stat (Linux) or the start time. */
export function parseRecord(record: string): ProcessNote | undefined {
  const [pid, second, stat] = record.split("\n");
  if (!pid || !second || !/^\d+$/.test(pid)) return undefined;
  const startTicks = stat ? stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] : undefined;
  const identity = stat ? `${second} ${startTicks}` : second.trim().split(/\s+/).join(" ");
  return { pid: Number(pid), identity };
}

/** Sends a signal to a process and all its descendants (PostgreSQL's have process groups of their own). */
export function signalTree(pid: number, signal: NodeJS.Signals): void {
  // The parent first, so that a stopped or dying one starts no more children.
  trySignal(pid, signal);
  for (const child of descendantsOf(pid)) trySignal(child, signal);
}

/** SIGKILL to a process and all its descendants; returns once they are gone. @returns false after the time allowed */
export async function killTree(pid: number, timeoutMs: number): Promise<boolean> {
  trySignal(pid, "SIGSTOP");
  const doomed = [pid, ...descendantsOf(pid)].map(noteOf);
  for (const one of doomed) trySignal(one.pid, "SIGKILL");
  return waitFor(() => !doomed.some(isAlive), timeoutMs, 10);
}

/** Sends a signal; a process that is already gone is no error. */
export function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
