import { Database } from "bun:sqlite";
import { closeSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { OperationError } from "../../src/errors.ts";

/**
 * Locks that this process holds. Its other callers must not even open the file: closing any descriptor of a file drops
 * all of a process's POSIX locks on it (fcntl_locking(2)), SQLite's included.
 */
const heldHere = new Set<string>();

/** How long to wait for another process that is starting, stopping or installing: a cold install may take minutes. */
const lockTimeoutMs = 300_000;

/**
 * Runs `action` while no other process holds the same lock file. SQLite's exclusive transaction is a lock of the
 * kernel's: it ends with its process, even one killed with -9, so none is ever stale, and servers started meanwhile do
 * not inherit it.
 */
export async function withLock<T>(
  file: string,
  action: () => Promise<T>,
  options: { onWait?: (holder: string) => void; timeoutMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + (options.timeoutMs ?? lockTimeoutMs);
  let waiting = false;
  while (true) {
    const held = heldHere.has(file) ? undefined : tryLock(file);
    if (held !== undefined) {
      heldHere.add(file);
      try {
        return await action();
      } finally {
        held.close();
        heldHere.delete(file);
      }
    }
    const holder = readHolder(file);
    if (!waiting) options.onWait?.(holder);
    waiting = true;
    if (performance.now() > deadline) {
      throw new OperationError(`${file} is still held by ${holder}: end that process if it hangs, and try again`);
    }
    await Bun.sleep(50);
  }
}

function tryLock(file: string): Database | undefined {
  mkdirSync(dirname(file), { recursive: true });
  closeSync(openSync(file, "a"));
  const inode = inodeOf(file);
  const database = new Database(file);
  try {
    database.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if ((error as { code?: string }).code?.startsWith("SQLITE_BUSY")) return undefined;
    throw error;
  }
  if (inodeOf(file) === inode) {
    writeFileSync(holderFile(file), `process ${process.pid}`);
    return database;
  }
  // Its folder was purged between opening and locking: this lock would keep nobody out.
  database.close();
  return undefined;
}

function inodeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.ino;
}

/** The file beside a lock that says who holds it, for messages only. */
export function holderFile(file: string): string {
  return `${file}-holder`;
}

function readHolder(file: string): string {
  try {
    return readFileSync(holderFile(file), "utf8");
  } catch {
    return "another process";
  }
}
