import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { OperationError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Postgres } from "../postgres.ts";
import type { EventFile, Position } from "./events.ts";

/** What to do about a run that was not finished. */
export type StartMode = "fresh" | "resume" | "restart";

export type FileProgress = Position & { readonly written: number; readonly rejected: number };
export type Run = { readonly id: string; readonly files: ReadonlyMap<string, FileProgress> };

const FINGERPRINT_BYTES = 65_536;

/**
 * Begins a run, or takes up the unfinished one. To resume a run that is finished writes nothing: whoever resumes after a
 * kill cannot know whether it came before the end.
 * @throws OperationError where one is unfinished and neither resume nor restart is asked for, or a file has changed
 */
export async function beginRun(sql: Postgres, files: readonly EventFile[], mode: StartMode, log: Log): Promise<Run> {
  const fingerprints = new Map<string, string>();
  for (const file of files) fingerprints.set(file.stream.file, await fingerprint(file.path));
  const [latest] = await sql<{ id: string; finished: boolean }[]>`
    SELECT id::text AS id, finished_at IS NOT NULL AS finished
    FROM replay.runs WHERE abandoned_at IS NULL ORDER BY id DESC LIMIT 1`;
  const unfinished = latest?.finished ? undefined : latest;
  if (unfinished && mode === "fresh") {
    throw new OperationError(
      `run ${unfinished.id} is not finished: --resume goes on where it stopped, --restart leaves its rows and begins anew`,
    );
  }
  if (latest && mode === "resume") {
    const run = await resumeRun(sql, latest.id, fingerprints);
    log.info(latest.finished ? `run ${run.id} is finished: nothing to resume` : `resuming run ${run.id}`);
    return run;
  }
  if (unfinished) log.info(`run ${unfinished.id} is abandoned; the rows that it wrote stay`);
  return sql.begin(async (transaction) => {
    await transaction`UPDATE replay.runs SET abandoned_at = now() WHERE finished_at IS NULL AND abandoned_at IS NULL`;
    const [run] = await transaction<{ id: string }[]>`INSERT INTO replay.runs DEFAULT VALUES RETURNING id::text AS id`;
    const id = run?.id ?? "";
    const progress = new Map<string, FileProgress>();
    for (const file of files) {
      const { byte, linesRead } = file.header;
      progress.set(file.stream.file, { byte, linesRead, seconds: 0, written: 0, rejected: 0 });
      await transaction`
        INSERT INTO replay.positions (run_id, file, fingerprint, next_byte, lines_read)
        VALUES (${id}, ${file.stream.file}, ${fingerprints.get(file.stream.file) ?? ""}, ${byte}, ${linesRead})`;
    }
    return { id, files: progress };
  });
}

async function resumeRun(sql: Postgres, id: string, fingerprints: ReadonlyMap<string, string>): Promise<Run> {
  const rows = await sql<{ file: string; fingerprint: string; [count: string]: string }[]>`
    SELECT file, fingerprint, next_byte, lines_read, seconds, written, rejected FROM replay.positions WHERE run_id = ${id}`;
  const files = new Map<string, FileProgress>();
  for (const [file, now] of fingerprints) {
    const row = rows.find((one) => one.file === file);
    if (row?.fingerprint !== now) {
      throw new OperationError(
        `${file} is not the file that run ${id} began with: give that one, or begin anew with --restart`,
      );
    }
    files.set(file, {
      byte: Number(row.next_byte),
      linesRead: Number(row.lines_read),
      seconds: Number(row.seconds),
      written: Number(row.written),
      rejected: Number(row.rejected),
    });
  }
  return { id, files };
}

/** Size and first bytes of a file: enough to notice that it is another one. */
async function fingerprint(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(FINGERPRINT_BYTES), 0, FINGERPRINT_BYTES, 0);
    return `${size}:${createHash("sha256").update(buffer.subarray(0, bytesRead)).digest("hex")}`;
  } finally {
    await file.close();
  }
}
