import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { readRecords } from "../../csv/records.ts";
import { type Header, readHeader, requireFields } from "../../csv/shape.ts";
import { formatTimestamp, parseTimestamp } from "../../csv/timestamp.ts";
import { CsvWriter, formatRow } from "../../csv/writer.ts";
import { OperationError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { clicks, type PreparedFile, transactions } from "./files.ts";
import { TimeSorter } from "./sort.ts";

export type PrepareOptions = {
  /** The folder with the raw files. */
  readonly raw: string;
  /** The folder to write to; made where it is missing. */
  readonly out: string;
  /** YYYY-MM-DD in UTC; the day with the most clicks unless told. */
  readonly day?: string;
};

export type FileSummary = {
  readonly read: number;
  readonly written: number;
  readonly otherDays: number;
  readonly bad: number;
};
export type PrepareSummary = {
  readonly day: string;
  readonly clicks: FileSummary;
  readonly transactions: FileSummary;
};

const DAY_MICROS = 86_400_000_000;
const SECOND_MICROS = 1_000_000;
const REPORTED_BAD_ROWS = 10;

/**
 * Cuts one day out of the raw files and writes it in time order, with `event_time` (UTC, microseconds) and
 * `event_offset` (whole seconds since the row before; the first row counts from the earlier of both files' first
 * rows, so that the two files stay in step). Memory stays bounded however large the input.
 * @throws OperationError that names a missing file or column, or says that no click is of that day
 */
export async function prepare(options: PrepareOptions, log: Log): Promise<PrepareSummary> {
  const clickSource = await openSource(options.raw, clicks);
  const transactionSource = await openSource(options.raw, transactions);
  const day = options.day ?? (await mostActiveDay(clickSource));
  const dayStart = parseTimestamp(day)!;
  using clickRows = new TimeSorter();
  using transactionRows = new TimeSorter();
  const clickCounts = await collectDay(clickSource, clicks, dayStart, clickRows, log);
  const transactionCounts = await collectDay(transactionSource, transactions, dayStart, transactionRows, log);
  if (clickCounts.written === 0) throw new OperationError(`${clickSource.path}: no click on ${day}`);
  mkdirSync(options.out, { recursive: true });
  const start = Math.min(clickRows.earliest, transactionRows.earliest);
  writeDay(join(options.out, clicks.prepared), clicks, clickRows, start);
  writeDay(join(options.out, transactions.prepared), transactions, transactionRows, start);
  return { day, clicks: clickCounts, transactions: transactionCounts };
}

type Source = { readonly path: string; readonly header: Header };

async function openSource(folder: string, file: PreparedFile): Promise<Source> {
  const path = join(folder, file.raw);
  const header = await readHeader(path);
  requireFields(path, header, [file.timeColumn, ...file.columns]);
  return { path, header };
}

async function mostActiveDay(source: Source): Promise<string> {
  const column = source.header.fields.indexOf(clicks.timeColumn);
  const counts = new Map<number, number>();
  for await (const records of readRecords(source.path, source.header, source.header.fields.length)) {
    for (const { fields } of records) {
      const micros = fields === null ? undefined : parseTimestamp(fields[column] ?? "");
      if (micros === undefined) continue;
      const day = Math.floor(micros / DAY_MICROS);
      counts.set(day, (counts.get(day) ?? 0) + 1);
    }
  }
  const [first] = [...counts].sort(([dayA, a], [dayB, b]) => b - a || dayA - dayB);
  if (first === undefined) throw new OperationError(`${source.path}: no row with a readable ${clicks.timeColumn}`);
  return formatTimestamp(first[0] * DAY_MICROS).slice(0, 10);
}

/** Hands the day's rows to the sorter, with their cells in the prepared file's order. */
async function collectDay(
  source: Source,
  file: PreparedFile,
  dayStart: number,
  sorter: TimeSorter,
  log: Log,
): Promise<FileSummary> {
  const names = source.header.fields;
  const timeIndex = names.indexOf(file.timeColumn);
  const indices = file.columns.map((name) => names.indexOf(name));
  const counts = { read: 0, written: 0, otherDays: 0, bad: 0 };
  const reportBad = (line: number, reason: string) => {
    if (++counts.bad <= REPORTED_BAD_ROWS) log.warn("left out a bad row", { file: file.raw, line, reason });
  };
  for await (const records of readRecords(source.path, source.header, source.header.fields.length)) {
    for (const { line, fields, reason } of records) {
      counts.read++;
      const micros = parseTimestamp(fields?.[timeIndex] ?? "");
      if (fields === null) reportBad(line, reason ?? "no record");
      else if (fields.length !== names.length) reportBad(line, `${fields.length} columns, expected ${names.length}`);
      else if (micros === undefined) reportBad(line, `${file.timeColumn} is no time such as 2022-07-31T12:34:56Z`);
      else if (micros < dayStart || micros >= dayStart + DAY_MICROS) counts.otherDays++;
      else {
        counts.written++;
        sorter.add({ micros, line, text: formatRow(indices.map((index) => fields[index] ?? "")) });
      }
    }
  }
  if (counts.bad > REPORTED_BAD_ROWS) log.warn("more bad rows were left out", { file: file.raw, bad: counts.bad });
  return counts;
}

function writeDay(path: string, file: PreparedFile, rows: TimeSorter, startMicros: number): void {
  using writer = new CsvWriter(path, [...file.columns, "event_time", "event_offset"]);
  let previous = startMicros;
  for (const { micros, text } of rows.sorted()) {
    // Between whole seconds, so that the cut fractions do not add up over the day.
    const offset = Math.floor(micros / SECOND_MICROS) - Math.floor(previous / SECOND_MICROS);
    writer.writeLine(`${text},${formatTimestamp(micros)},${offset}`);
    previous = micros;
  }
  writer.close();
}
