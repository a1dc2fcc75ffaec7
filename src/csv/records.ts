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
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads a CSV file's records from a position on, many at a time. A line that is no record is given with its reason,
 * and reading goes on with the very next line: an unclosed quote swallows nothing.
 * @param columns how many fields a record has; one with more or fewer is none
 */
export async function* readRecords(
  path: string,
  from: { readonly byte: number; readonly linesRead: number },
  columns?: number,
): AsyncGenerator<readonly CsvRecord[]> {
  let linesRead = from.linesRead;
  let waiting: Line[] = [];
  for await (const lines of readLines(path, from.byte, MAX_RECORD_BYTES)) {
    waiting = waiting.length === 0 ? [...lines] : [...waiting, ...lines];
    if (linesRead === 0 && waiting[0]) waiting[0] = withoutMark(waiting[0]);
    const { records, used } = takeRecords(waiting, linesRead, false, columns);
    linesRead += used;
    waiting = waiting.slice(used);
    if (records.length > 0) yield records;
  }
  const { records } = takeRecords(waiting, linesRead, true, columns);
  if (records.length > 0) yield records;
}

/** Cuts lines into records; pure. Where the last record may go on in lines to come, they stay unused. */
export function takeRecords(
  lines: readonly Line[],
  linesBefore: number,
  atEnd: boolean,
  columns?: number,
): { records: readonly CsvRecord[]; used: number } {
  const records: CsvRecord[] = [];
  let used = 0;
  while (used < lines.length) {
    const span = spanOf(lines, used, atEnd);
    if (span.count === 0) break;
    // A blank line is nothing, at the end of a file above all.
    if (span.count === 1 && lines[used]?.bytes?.length === 0) {
      used++;
      continue;
    }
    const { count, content } = contentOf(lines, used, span, columns);
    const last = lines[used + count - 1] as Line;
    const place = { line: linesBefore + used + 1, end: last.end, linesRead: linesBefore + used + count };
    used += count;
    records.push({ ...place, ...content });
  }
  return { records, used };
}

type Content = { readonly fields: readonly string[] | null; readonly reason?: string };

/**
 * What a span of lines holds. Several lines that make no record between them are a stray quote that met another one
 * further down, with good rows in between: only the first is given up, and the next ones stand for themselves.
 */
function contentOf(
  lines: readonly Line[],
  start: number,
  span: { count: number; reason?: string },
  columns: number | undefined,
): { count: number; content: Content } {
  if (span.reason !== undefined) return { count: span.count, content: { fields: null, reason: span.reason } };
  const content = decode(lines.slice(start, start + span.count));
  const { fields } = content;
  const wrong = fields !== null && columns !== undefined && fields.length !== columns;
  if (span.count > 1 && (fields === null || wrong)) {
    return { count: 1, content: { fields: null, reason: "quote not closed" } };
  }
  return {
    count: span.count,
    content: wrong ? { fields: null, reason: `${fields.length} columns, expected ${columns}` } : content,
  };
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

function decode(lines: readonly Line[]): Content {
  let text: string;
  try {
    text = lines
      .map(({ bytes, returned }, at) => {
        const line = decoder.decode(bytes ?? undefined);
        return at === lines.length - 1 ? line : `${line}${returned ? "\r\n" : "\n"}`;
      })
      .join("");
  } catch {
    return { fields: null, reason: "invalid UTF-8" };
  }
  if (text.includes("\0")) return { fields: null, reason: "NUL character" };
  if (!text.includes('"')) return { fields: text.split(",") };
  // With its own idea of line ends csv-parse would cut a record at a lone carriage return, and lose the rest.
  const [fields] = parse(text, { relax_column_count: true, record_delimiter: ["\n"] }) as string[][];
  return { fields: fields ?? [] };
}

function withoutMark(line: Line): Line {
  const marked = line.start === 0 && BYTE_ORDER_MARK.every((byte, at) => line.bytes?.[at] === byte);
  return marked && line.bytes ? { ...line, bytes: line.bytes.subarray(BYTE_ORDER_MARK.length) } : line;
}
