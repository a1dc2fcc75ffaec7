import { quoteIdentifier } from "../digest.ts";
import { messageOf, OperationError } from "../errors.ts";
import type { Postgres } from "../postgres.ts";
import { copyLine } from "./copy-text.ts";
import type { EventFile, ReplayEvent } from "./events.ts";
import { insertRejects } from "./rejects.ts";

const MAX_REASON = 300;

/** Rows and rejects of one file that a batch wrote. */
export type Written = { readonly file: string; readonly written: number; readonly rejected: number };

/**
 * Writes a batch in one transaction: the rows, the rejects, and for each file the position after them. A row that
 * PostgreSQL itself refuses becomes a reject.
 * @throws what PostgreSQL throws that is not about a value: the batch is not written then
 */
export async function writeBatch(
  sql: Postgres,
  runId: string,
  files: readonly EventFile[],
  events: readonly ReplayEvent[],
): Promise<readonly Written[]> {
  let refusal: unknown;
  try {
    return await writeOnce(sql, runId, files, events);
  } catch (error) {
    if (!isAboutValue(error)) throw error;
    refusal = error;
  }
  const [only] = events;
  if (events.length === 1 && only) {
    const reason = `refused by PostgreSQL: ${messageOf(refusal).slice(0, MAX_REASON)}`;
    return writeOnce(sql, runId, files, [{ ...only, values: null, reason }]);
  }
  const middle = Math.ceil(events.length / 2);
  const first = await writeBatch(sql, runId, files, events.slice(0, middle));
  return [...first, ...(await writeBatch(sql, runId, files, events.slice(middle)))];
}

/** SQLSTATE classes 22 (data exception), 23 (constraint violation) and 54 (a limit exceeded). */
function isAboutValue(error: unknown): boolean {
  return error instanceof Error && "code" in error && /^(2[23]|54)/.test(String(error.code));
}

async function writeOnce(
  sql: Postgres,
  runId: string,
  files: readonly EventFile[],
  events: readonly ReplayEvent[],
): Promise<readonly Written[]> {
  return sql.begin(async (transaction) => {
    const written: Written[] = [];
    for (const file of files) {
      const own = events.filter((event) => event.file === file.stream.file);
      const last = own.at(-1);
      if (last === undefined) continue;
      const lines = own.flatMap((event) => (event.values === null ? [] : [copyLine(event.values)]));
      const rejects = own.filter((event) => event.values === null);
      if (lines.length > 0) await copyRows(transaction as unknown as Postgres, file, lines);
      if (rejects.length > 0) await insertRejects(transaction as unknown as Postgres, file.stream.file, rejects, runId);
      const { byte, linesRead, seconds } = last.after;
      const moved = await transaction`
        UPDATE replay.positions
        SET next_byte = ${byte}, lines_read = ${linesRead}, seconds = ${seconds},
            written = written + ${lines.length}, rejected = rejected + ${rejects.length}
        WHERE run_id = ${runId} AND file = ${file.stream.file} AND next_byte = ${own[0]?.beforeByte ?? 0}`;
      if (moved.count !== 1) {
        throw new OperationError(`another replay has gone on with run ${runId}: this one stops, its last batch undone`);
      }
      written.push({ file: file.stream.file, written: lines.length, rejected: rejects.length });
    }
    return written;
  });
}

async function copyRows(transaction: Postgres, file: EventFile, lines: readonly string[]): Promise<void> {
  const columns = file.columns.map(quoteIdentifier).join(", ");
  const copy = await transaction.unsafe(`COPY ${file.stream.table} (${columns}) FROM STDIN`).writable();
  await new Promise<void>((resolve, reject) => {
    copy.once("error", reject);
    copy.once("finish", () => resolve());
    copy.end(lines.join(""));
  });
}
