import { parse } from "csv-parse/sync";
import { type Line, readLines } from "./lines.ts";
import { followQuotes } from "./quotes.ts";

/** A record of a CSV file, or a line that is none. Lines count from 1, the header's. */
export type CsvRecord = {
  /** Its first line. */
  readonly line: number;
  /** Where the next record starts, and how many lines lie before it. */
  readonly end: number;
  readonly linesRead: number;
  readonly fields: readonly string[] | null;
  /** Why it is none; undefined for a record. */
  readonly reason?: string;
};

export const MAX_RECORD_BYTES = 1 << 20;
const QUOTE = 0x22;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads a CSV file's records from a position on, many at a time. A line that is no record is given with its reason,
 * and reading goes on with the very next line: an unclosed quote swallows nothing.
 */
export async function* readRecords(
  path: string,
  from: { readonly byte: number; readonly linesRead: number },
): AsyncGenerator<readonly CsvRecord[]> {
  let linesRead = from.linesRead;
  let waiting: Line[] = [];
  for await (const lines of readLines(path, from.byte, MAX_RECORD_BYTES)) {
    waiting = waiting.length === 0 ? [...lines] : [...waiting, ...lines];
    const { records, used } = takeRecords(waiting, linesRead, false);
    linesRead += used;
    waiting = waiting.slice(used);
    if (records.length > 0) yield records;
  }
  const { records } = takeRecords(waiting, linesRead, true);
  if (records.length > 0) yield records;
}

/** Cuts lines into records; pure. Where the last record may go on in lines to come, they stay unused. */
export function takeRecords(
  lines: readonly Line[],
  linesBefore: number,
  atEnd: boolean,
): { records: readonly CsvRecord[]; used: number } {
  const records: CsvRecord[] = [];
  let used = 0;
  while (used < lines.length) {
    const { count, reason } = spanOf(lines, used, atEnd);
    if (count === 0) break;
    const last = lines[used + count - 1] as Line;
    const place = { line: linesBefore + used + 1, end: last.end, linesRead: linesBefore + used + count };
    used += count;
    // A blank line is nothing, at the end of a file above all.
    if (reason === undefined && count === 1 && lines[used - 1]?.bytes?.length === 0) continue;
    records.push({
      ...place,
      ...(reason === undefined ? decode(lines.slice(used - count, used)) : { fields: null, reason }),
    });
  }
  return { records, used };
}

/** How many lines the record at `start` takes; 0: more lines are needed to tell. */
function spanOf(lines: readonly Line[], start: number, atEnd: boolean): { count: number; reason?: string } {
  let open = false;
  let bytes = 0;
  for (let at = start; at < lines.length; at++) {
    const line = (lines[at] as Line).bytes;
    if (line === null)
      return { count: 1, reason: at === start ? `longer than ${MAX_RECORD_BYTES} bytes` : "quote not closed" };
    if (!open && !line.includes(QUOTE)) return { count: 1 };
    const state = followQuotes(line, open);
    bytes += line.length + 1;
    if (state === "closed") return { count: at - start + 1 };
    if (state === "invalid") return { count: 1, reason: at === start ? "quote out of place" : "quote not closed" };
    if (bytes > MAX_RECORD_BYTES) return { count: 1, reason: "quote not closed" };
    open = true;
  }
  return atEnd ? { count: 1, reason: "quote not closed" } : { count: 0 };
}

function decode(lines: readonly Line[]): { fields: readonly string[] | null; reason?: string } {
  let text: string;
  try {
    text = lines.map((line) => decoder.decode(line.bytes ?? undefined)).join("\n");
  } catch {
    return { fields: null, reason: "invalid UTF-8" };
  }
  if (text.includes("\0")) return { fields: null, reason: "NUL character" };
  if (!text.includes('"')) return { fields: text.split(",") };
  const [fields] = parse(text, { relax_column_count: true }) as string[][];
  return { fields: fields ?? [] };
}
