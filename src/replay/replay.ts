import { stat } from "node:fs/promises";
import { join } from "node:path";
import { backoffMs } from "../backoff.ts";
import type { Config } from "../config.ts";
import { messageOf, OperationError } from "../errors.ts";
import type { Log } from "../log.ts";
import { connectPostgres, expectPostgres, type Postgres } from "../postgres.ts";
import { sleep } from "../sleep.ts";
import { isConnectionLoss } from "./connection-loss.ts";
import { type EventFile, openEvents, type ReplayEvent } from "./events.ts";
import { ReplayLock } from "./lock.ts";
import { Merge } from "./merge.ts";
import { Pace, type Speed } from "./pace.ts";
import { beginRun, type FileProgress, type StartMode } from "./run.ts";
import { streams } from "./shapes.ts";
import { writeBatch } from "./write.ts";

export type ReplayOptions = {
  readonly config: Config;
  readonly dataDir: string;
  readonly speed: Speed;
  readonly mode: StartMode;
  /** Stop after so many rows and rejects; the run stays unfinished. */
  readonly limit?: number;
  readonly log: Log;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ReplayProgress) => void;
};

export type ReplayProgress = {
  readonly rows: number;
  readonly bytes: number;
  readonly totalBytes: number;
  /** How much later than scheduled the last batch was written. */
  readonly lagMs: number;
};

export type ReplaySummary = {
  /** For each file, over the whole run: lines read (the header aside) = written + rejected. */
  readonly files: readonly {
    readonly file: string;
    readonly read: number;
    readonly written: number;
    readonly rejected: number;
  }[];
  readonly finished: boolean;
  readonly seconds: number;
};

/** Rows in a transaction at most: large enough to catch up, small enough to stay live. */
const BATCH_ROWS = 5_000;
/** How long to sleep at most before looking at the signal again. */
const NAP_MS = 1_000;
/** How long a batch in flight may take once the signal has come: all has to end within 10 s. */
const LAST_BATCH_MS = 5_000;

/**
 * Writes clicks and transactions into PostgreSQL in the order and at the pace in which they happened. Rows and
 * position are committed together. Where PostgreSQL goes away it waits, and goes on from what was committed.
 * @throws OperationError, UnreachableError
 */
export async function replay(options: ReplayOptions): Promise<ReplaySummary> {
  const { config, log } = options;
  const started = performance.now();
  const files = await openFiles(options.dataDir);
  const sql = connectPostgres(config, "writer", { connections: 1, program: "tidemark-replay" });
  try {
    await expectPostgres(sql, config);
    const lock = await ReplayLock.take(config);
    try {
      const run = await beginRun(sql, files, options.mode, log);
      const progress = new Map(run.files);
      const finished = await writeAll(options, { sql, lock, runId: run.id, files }, progress);
      if (finished) {
        await sql`UPDATE replay.runs SET finished_at = now() WHERE id = ${run.id} AND finished_at IS NULL`;
      }
      const summary = summaryOf(progress, finished, (performance.now() - started) / 1000);
      if (!finished) log.info("stopped before the end; go on with: bun run replay --resume");
      return summary;
    } finally {
      await lock.release();
    }
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/**
 * Opens the two files of a prepared data set. Their times must be of one kind to be merged: offsets, where one file has
 * nothing else.
 */
export async function openFiles(dataDir: string): Promise<readonly EventFile[]> {
  const open = (byOffset: boolean) =>
    Promise.all(streams.map((stream) => openEvents(stream, join(dataDir, stream.file), byOffset)));
  const files = await open(false);
  const timed = files.filter((file) => file.timed).length;
  return timed === 0 || timed === files.length ? files : open(true);
}

/** A merged reading of all files from where each stands. */
export function mergeFrom(files: readonly EventFile[], progress: ReadonlyMap<string, FileProgress>): Merge {
  return new Merge(files.map((file) => file.read(progress.get(file.stream.file) ?? startOf(file))));
}

function startOf(file: EventFile): FileProgress {
  return { ...file.header, seconds: 0, written: 0, rejected: 0 };
}

type Target = {
  readonly sql: Postgres;
  readonly lock: ReplayLock;
  readonly runId: string;
  readonly files: readonly EventFile[];
};

/** @returns whether the files' end was reached */
async function writeAll(options: ReplayOptions, target: Target, progress: Map<string, FileProgress>): Promise<boolean> {
  const { signal } = options;
  const pace = new Pace(options.speed);
  const sizes = await Promise.all(target.files.map((file) => stat(file.path)));
  const totalBytes = sizes.reduce((sum, { size }) => sum + size, 0);
  const write = async (batch: readonly ReplayEvent[]) => {
    await writeUntilDone(target, batch, options.log, signal);
    advance(progress, batch);
    const last = batch.at(-1) as ReplayEvent;
    const lagMs = Math.max(0, Date.now() - pace.dueMs(last.timeMs, Date.now()));
    options.onProgress?.({ ...totals(progress), totalBytes, lagMs });
  };
  const merge = mergeFrom(target.files, progress);
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  let writing: Promise<void> = Promise.resolve();
  try {
    while (!signal?.aborted && left > 0) {
      // The next batch is read and converted while the one before is being written.
      const next = await takeDue(merge, pace, Math.min(BATCH_ROWS, left));
      await writing;
      if (next === "end") return true;
      if (signal?.aborted) break;
      if (typeof next === "number") {
        await sleep(Math.max(0, Math.min(NAP_MS, next - Date.now())), signal);
        continue;
      }
      left -= next.length;
      writing = write(next);
      writing.catch(() => {}); // it is awaited in the next round, or below
    }
    await writing;
    return false;
  } finally {
    await writing.catch(() => {});
    await merge.close();
  }
}

/**
 * Everything that is due by now, so that a row waits only while the batch before it is written.
 * @returns when the next row is due (clock, milliseconds) where none is
 */
async function takeDue(merge: Merge, pace: Pace, limit: number): Promise<readonly ReplayEvent[] | number | "end"> {
  const next = await merge.peek();
  if (next === undefined) return "end";
  const now = Date.now();
  const due = pace.dueMs(next.timeMs, now);
  return due > now ? due : merge.takeWhile((event) => pace.dueMs(event.timeMs, now) <= now, limit);
}

/**
 * Repeats a batch until it is written. The repetition looks first at the position: a commit whose answer was lost is
 * not written twice.
 */
async function writeUntilDone(
  target: Target,
  batch: readonly ReplayEvent[],
  log: Log,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { sql, lock, runId, files } = target;
  let pending = batch;
  for (let attempt = 1; pending.length > 0; attempt++) {
    try {
      await untilStopped(signal, async () => {
        if (attempt > 1) {
          await lock.renew(sql);
          pending = await unwritten(sql, runId, pending);
        }
        if (pending.length > 0) await writeBatch(sql, runId, files, pending);
      });
      return;
    } catch (error) {
      if (!isConnectionLoss(error)) throw error;
      if (signal?.aborted) throw new OperationError(STOPPED_AWAY, { cause: error });
      log.warn("PostgreSQL does not answer; trying again", { error: messageOf(error) });
      await sleep(backoffMs(attempt + 2), signal);
    }
  }
}

const STOPPED_AWAY = "stopped while PostgreSQL was away; go on with: bun run replay --resume";

/** Waits for work, but not for long once the signal has come: a server that hangs must not keep the process. */
async function untilStopped(signal: AbortSignal | undefined, work: () => Promise<void>): Promise<void> {
  if (signal === undefined) return work();
  const gaveUp = Promise.withResolvers<never>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const start = () => {
    timer = setTimeout(() => gaveUp.reject(new OperationError(STOPPED_AWAY)), LAST_BATCH_MS);
  };
  if (signal.aborted) start();
  else signal.addEventListener("abort", start, { once: true });
  try {
    await Promise.race([work(), gaveUp.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", start);
  }
}

async function unwritten(sql: Postgres, runId: string, batch: readonly ReplayEvent[]): Promise<readonly ReplayEvent[]> {
  const rows = await sql<{ file: string; next_byte: string }[]>`
    SELECT file, next_byte FROM replay.positions WHERE run_id = ${runId}`;
  const committed = new Map(rows.map((row) => [row.file, Number(row.next_byte)]));
  return batch.filter((event) => event.after.byte > (committed.get(event.file) ?? 0));
}

function advance(progress: Map<string, FileProgress>, batch: readonly ReplayEvent[]): void {
  for (const event of batch) {
    const before = progress.get(event.file);
    if (before === undefined) continue;
    const written = before.written + (event.values === null ? 0 : 1);
    progress.set(event.file, { ...event.after, written, rejected: before.rejected + (event.values === null ? 1 : 0) });
  }
}

function totals(progress: ReadonlyMap<string, FileProgress>): { rows: number; bytes: number } {
  let rows = 0;
  let bytes = 0;
  for (const file of progress.values()) {
    rows += file.written + file.rejected;
    bytes += file.byte;
  }
  return { rows, bytes };
}

function summaryOf(progress: ReadonlyMap<string, FileProgress>, finished: boolean, seconds: number): ReplaySummary {
  return {
    files: [...progress].map(([file, { written, rejected }]) => ({
      file,
      read: written + rejected,
      written,
      rejected,
    })),
    finished,
    seconds,
  };
}
