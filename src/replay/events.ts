import { type CsvRecord, readRecords } from "../csv/records.ts";
import { type Conversion, conversionOf, type Header, readHeader } from "../csv/shape.ts";
import { parseTimestamp } from "../csv/timestamp.ts";
import { OperationError } from "../errors.ts";
import type { Stream } from "./shapes.ts";

/** Where reading a file stands: what has been read lies before `byte`. */
export type Position = {
  readonly byte: number;
  readonly linesRead: number;
  /** Sum of event_offset so far. */
  readonly seconds: number;
};

/** A line of a file: a row for its table, or a reject. */
export type ReplayEvent = {
  readonly file: string;
  /** When it happened, in the data's own time. */
  readonly timeMs: number;
  readonly line: number;
  /** Where the position of its file stands before it, and after it. */
  readonly beforeByte: number;
  readonly after: Position;
  readonly values: readonly (string | null)[] | null;
  readonly reason?: string;
};

/** A prepared file that is open for reading. */
export type EventFile = {
  readonly stream: Stream;
  readonly path: string;
  readonly columns: readonly string[];
  readonly header: Header;
  /** Whether times come from `event_time`; otherwise from `event_offset`. */
  readonly timed: boolean;
  readonly read: (from: Position) => AsyncGenerator<readonly ReplayEvent[]>;
};

/**
 * Opens a prepared file.
 * @param byOffset take times from `event_offset` even where `event_time` is there
 * @throws OperationError where it, or a column, is missing
 */
export async function openEvents(stream: Stream, path: string, byOffset = false): Promise<EventFile> {
  const header = await readHeader(path);
  const timed = !byOffset && header.fields.includes("event_time");
  const offsetAt = header.fields.indexOf("event_offset");
  if (!timed && offsetAt < 0) {
    const lacks = byOffset
      ? "no column event_offset, and the other file no event_time"
      : "neither event_time nor event_offset";
    throw new OperationError(`${path} has ${lacks}: rows cannot be put in order`);
  }
  const conversion = conversionOf(path, header, stream.shape, stream.optional);
  const timeAt = timed ? header.fields.indexOf("event_time") : offsetAt;
  return {
    stream,
    path,
    columns: conversion.columns,
    header,
    timed,
    read: (from) => events(stream.file, path, { timed, timeAt }, conversion, header.fields.length, from),
  };
}

async function* events(
  file: string,
  path: string,
  time: { timed: boolean; timeAt: number },
  conversion: Conversion,
  fieldCount: number,
  from: Position,
): AsyncGenerator<readonly ReplayEvent[]> {
  let { seconds, byte: beforeByte } = from;
  let timeMs = time.timed ? Number.NEGATIVE_INFINITY : seconds * 1000;
  for await (const records of readRecords(path, from, fieldCount)) {
    const batch: ReplayEvent[] = [];
    for (const record of records) {
      const read = readEvent(record, time, conversion);
      if (typeof read !== "string") {
        if (time.timed) timeMs = read.time;
        else {
          seconds += read.time;
          timeMs = seconds * 1000;
        }
      }
      const place = {
        file,
        timeMs,
        line: record.line,
        beforeByte,
        after: { byte: record.end, linesRead: record.linesRead, seconds },
      };
      beforeByte = record.end;
      batch.push(
        typeof read === "string" ? { ...place, values: null, reason: read } : { ...place, values: read.values },
      );
    }
    yield batch;
  }
}

/** @returns the row with its time (milliseconds since 1970, or the offset in seconds), or the reason for a reject */
function readEvent(
  record: CsvRecord,
  time: { timed: boolean; timeAt: number },
  conversion: Conversion,
): { time: number; values: readonly (string | null)[] } | string {
  if (record.fields === null) return record.reason ?? "no record";
  const values = conversion.convert(record.fields);
  if (typeof values === "string") return values;
  const text = record.fields[time.timeAt] ?? "";
  if (time.timed) {
    const micros = parseTimestamp(text);
    return micros === undefined ? "event_time: expected a time" : { time: micros / 1000, values };
  }
  if (!/^\d{1,9}(\.0*)?$/.test(text)) return "event_offset: expected whole seconds";
  return { time: Number(text), values };
}
