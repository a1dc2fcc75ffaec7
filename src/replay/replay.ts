import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../config.ts";
import { messageOf, OperationError } from "../errors.ts";
import type { Log } from "../log.ts";
import { connectPostgres, expectPostgres, type Postgres } from "../postgres.ts";
import { backoffMs } from "../sink/backoff.ts";
import { sleep } from "../sleep.ts";
import { type EventFile, openEvents, type ReplayEvent } from "./events.ts";
import { Merge } from "./merge.ts";
import { Pace, type Speed } from "./pace.ts";
import { beginRun, type FileProgress, lockReplay, type StartMode } from "./run.ts";
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

/**
 * Writes clicks and transactions into PostgreSQL in the order and at the pace in which they happened. Rows and
 * position are committed together. Where PostgreSQL goes away it waits, and goes on from what was committed.
 * @throws OperationError, UnreachableError
 */
export async function replay(options: ReplayOptions): Promise<ReplaySummary> {
  const { config, log } = options;
  const started = performance.now();
  const files = await openFiles(options.dataDir);
  const sql = connectPostgres(config, "writer", { connections: 2, program: "tidemark-replay" });
  try {
    await expectPostgres(sql, config);
    const lock = await sql.reserve();
    try {
      await lockReplay(lock as unknown as Postgres);
      const run = await beginRun(sql, files, options.mode);
      const progress = new Map(run.files);
      const finished = await writeAll(options, sql, run.id, files, progress);
      if (finished) await sql`UPDATE replay.runs SET finished_at = now() WHERE id = ${run.id}`;
      const summary = summaryOf(progress, finished, (performance.now() - started) / 1000);
      if (!finished) log.info("stopped before the end; go on with: bun run replay --resume");
      return summary;
    } finally {
      lock.release();
    }
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Opens the two files of a prepared data set. */
export async function openFiles(dataDir: string): Promise<readonly EventFile[]> {
  return Promise.all(streams.map((stream) => openEvents(stream, join(dataDir, stream.file))));
}

/** A merged reading of all files from where each stands. */
export function mergeFrom(files: readonly EventFile[], progress: ReadonlyMap<string, FileProgress>): Merge {
  return new Merge(files.map((file) => file.read(progress.get(file.stream.file) ?? startOf(file))));
}

function startOf(file: EventFile): FileProgress {
  return { ...file.header, seconds: 0, written: 0, rejected: 0 };
}

/** @returns whether the files' end was reached */
async function writeAll(
  options: ReplayOptions,
  sql: Postgres,
  runId: string,
  files: readonly EventFile[],
  progress: Map<string, FileProgress>,
): Promise<boolean> {
  const { signal, log } = options;
  const pace = new Pace(options.speed);
  const totalBytes = (await Promise.all(files.map((file) => stat(file.path)))).reduce((sum, { size }) => sum + size, 0);
  const merge = mergeFrom(files, progress);
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  try {
    while (!signal?.aborted && left > 0) {
      const batch = await nextBatch(merge, pace, Math.min(BATCH_ROWS, left), signal);
      if (batch === "end") return true;
      if (batch === "stopped") return false;
      left -= batch.length;
      await writeUntilDone(sql, runId, files, batch, log, signal);
      advance(progress, batch);
      const last = batch.at(-1) as ReplayEvent;
      const lagMs = Math.max(0, Date.now() - pace.dueMs(last.timeMs, Date.now()));
      options.onProgress?.({ ...totals(progress), totalBytes, lagMs });
    }
    return false;
  } finally {
    await merge.close();
  }
}

/** Everything that is due, as soon as something is: a row waits only while the batch before it is written. */
async function nextBatch(
  merge: Merge,
  pace: Pace,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<readonly ReplayEvent[] | "end" | "stopped"> {
  for (;;) {
    if (signal?.aborted) return "stopped";
    const next = await merge.peek();
    if (next === undefined) return "end";
    const now = Date.now();
    const due = pace.dueMs(next.timeMs, now);
    if (due <= now) return merge.takeWhile((event) => pace.dueMs(event.timeMs, now) <= now, limit);
    await sleep(Math.min(NAP_MS, due - now), signal);
  }
}

/**
 * Repeats a batch until it is written. The repetition looks first at the position: a commit whose answer was lost is
 * not written twice.
 */
async function writeUntilDone(
  sql: Postgres,
  runId: string,
  files: readonly EventFile[],
  batch: readonly ReplayEvent[],
  log: Log,
  signal: AbortSignal | undefined,
): Promise<void> {
  let pending = batch;
  for (let attempt = 1; pending.length > 0; attempt++) {
    try {
      if (attempt > 1) pending = await unwritten(sql, runId, pending);
      if (pending.length > 0) await writeBatch(sql, runId, files, pending);
      return;
    } catch (error) {
      if (!isConnectionLoss(error)) throw error;
      if (signal?.aborted)
        throw new OperationError("stopped while PostgreSQL was away; go on with --resume", { cause: error });
      log.warn("PostgreSQL does not answer; trying again", { error: messageOf(error) });
      await sleep(backoffMs(attempt + 2), signal);
    }
  }
}

async function unwritten(sql: Postgres, runId: string, batch: readonly ReplayEvent[]): Promise<readonly ReplayEvent[]> {
  const rows = await sql<{ file: string; next_byte: string }[]>`
    SELECT file, next_byte FROM replay.positions WHERE run_id = ${runId}`;
  const committed = new Map(rows.map((row) => [row.file, Number(row.next_byte)]));
  return batch.filter((event) => event.after.byte > (committed.get(event.file) ?? 0));
}

/** Connection errors of the driver, and SQLSTATE classes 08, 53 and 57P (shutting down, starting up). */
function isConnectionLoss(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^(CONNECTION_|ECONN|EPIPE|ETIMEDOUT|08|53|57P)/.test(code);
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
