import { parseLossless } from "../lossless-json.ts";
import type { EventRow } from "../row-codec.ts";

/** A Debezium change event, as far as the sink needs it. */
export type Envelope = {
  readonly operation: "c" | "u" | "r" | "d" | "t";
  readonly after: EventRow | null;
  /** See versionOf. */
  readonly version: number;
  /** When the change was committed, microseconds since 1970. */
  readonly committedAtMicros: number;
};

/** A message that is no change event of Debezium. The message says why, and never holds its content. */
export class EnvelopeError extends Error {
  override readonly name = "EnvelopeError";
  constructor(
    readonly refusal: "not-json" | "not-an-envelope",
    message: string,
  ) {
    super(message);
  }
}

const operations = new Set(["c", "u", "r", "d", "t"]);

/**
 * Reads a message's value.
 * @returns null for an event that changes no row: a logical decoding message
 * @throws EnvelopeError
 */
export function parseEnvelope(value: Buffer): Envelope | null {
  const parsed = parseObject(value.toString("utf8"), hasInexactRow);
  const { op, after, source } = parsed;
  if (op === "m") return null;
  if (typeof op !== "string" || !operations.has(op) || !isObject(source)) {
    throw new EnvelopeError("not-an-envelope", "expected a Debezium envelope with op and source");
  }
  const operation = op as Envelope["operation"];
  if (operation !== "d" && operation !== "t" && !isObject(after)) {
    throw new EnvelopeError("not-an-envelope", `expected "after" to hold a row in an event with op ${op}`);
  }
  return {
    operation,
    after: isObject(after) ? after : null,
    version: versionOf(source.lsn, source.sequence),
    committedAtMicros: typeof source.ts_us === "number" ? source.ts_us : Number(source.ts_ms) * 1000,
  };
}

/** Reads a message's key. @throws EnvelopeError */
export function parseKey(key: Buffer | null): EventRow {
  if (key === null) throw new EnvelopeError("not-an-envelope", "expected a key, got none");
  return parseObject(key.toString("utf8"), hasInexactInteger);
}

/**
 * The document's external version: the larger of the change's LSN and the previous commit's. An insert logs its LSN
 * before it waits for another transaction's change of the same key, so the change's LSN alone is not in commit order.
 * `sequence` is Debezium's `["previous commit", "change"]`, its first null after a start.
 * @throws EnvelopeError where an LSN is missing or beyond the integers that a double holds (8 PiB of WAL)
 */
export function versionOf(lsn: unknown, sequence: unknown): number {
  const previous = typeof sequence === "string" ? /^\["(\d+)"/.exec(sequence)?.[1] : undefined;
  const version = Math.max(Number(lsn), Number(previous ?? 0));
  if (typeof lsn !== "number" || !Number.isSafeInteger(version) || version < 0) {
    throw new EnvelopeError("not-an-envelope", "expected source.lsn to be an integer below 2^53");
  }
  return version;
}

function parseObject(text: string, inexact: (value: unknown) => boolean): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = parseLossless(text, inexact);
  } catch {
    throw new EnvelopeError("not-json", "expected JSON");
  }
  if (!isObject(parsed)) throw new EnvelopeError("not-an-envelope", "expected a JSON object");
  return parsed;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function hasInexactRow(value: unknown): boolean {
  return isObject(value) && hasInexactInteger(value.after);
}

/** Also true for a large float, which the slow parser then leaves as it is. */
function hasInexactInteger(row: unknown): boolean {
  if (!isObject(row)) return false;
  for (const name in row) {
    const value = row[name];
    if (typeof value === "number" && Math.abs(value) > Number.MAX_SAFE_INTEGER) return true;
  }
  return false;
}
