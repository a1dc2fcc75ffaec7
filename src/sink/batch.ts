import type { EachBatchPayload, KafkaMessage } from "kafkajs";
import type { CatalogTable } from "../catalog.ts";
import { hasUnknownColumn } from "../row-codec.ts";
import type { Table } from "../tables.ts";
import { type ApplyContext, applyEntries, type Entry, refuse } from "./apply.ts";
import type { DeadLetter, SourceMessage } from "./dead-letters.ts";
import { decide, refusalOf } from "./decide.ts";
import { parseEnvelope } from "./envelope.ts";
import { hasExpired } from "./expiry.ts";
import type { Patience } from "./patience.ts";

/** What a message turned out to be. */
type Reading =
  | { readonly kind: "entry"; readonly entry: Entry }
  | { readonly kind: "truncate"; readonly version: number }
  | { readonly kind: "letter"; readonly letter: DeadLetter }
  /** A tombstone, or a message that changes no row. */
  | { readonly kind: "nothing" };

export type BatchContext = ApplyContext & {
  /** The table's columns as last read; read again when an event shows a column that they lack. */
  readonly tableFor: (topic: string, mustHave?: Readonly<Record<string, unknown>>) => Promise<CatalogTable>;
  /** Version of the last TRUNCATE of a table: an older event is without effect. */
  readonly floorOf: (table: Table) => Promise<number>;
  readonly truncate: (table: CatalogTable, version: number, topic: string, patience: Patience) => Promise<void>;
};

/** Consumes one batch of one partition; resolves an offset only when its message is safe. */
export async function consumeBatch(
  payload: EachBatchPayload,
  context: BatchContext,
  patience: Patience,
): Promise<void> {
  const { batch, resolveOffset, commitOffsetsIfNecessary, isRunning, isStale } = payload;
  const chunkSize = context.config.sinkBulkActions;
  for (let start = 0; start < batch.messages.length && isRunning() && !isStale(); ) {
    patience.check();
    const { readings, next } = await readChunk(batch.topic, batch.partition, batch.messages, start, chunkSize, context);
    await applyReadings(batch.topic, readings, context, patience);
    const last = batch.messages[next - 1];
    if (last) {
      resolveOffset(last.offset);
      const behind = BigInt(batch.highWatermark) - BigInt(last.offset) - 1n;
      context.metrics.lag.set({ topic: batch.topic, partition: String(batch.partition) }, Number(behind));
    }
    await payload.heartbeat();
    await commitOffsetsIfNecessary();
    start = next;
  }
}

/** Reads messages up to the chunk's size, or up to and with a TRUNCATE, which must not be overtaken. */
async function readChunk(
  topic: string,
  partition: number,
  messages: readonly KafkaMessage[],
  start: number,
  size: number,
  context: BatchContext,
): Promise<{ readings: readonly Reading[]; next: number }> {
  const table = await context.tableFor(topic);
  const floor = await context.floorOf(table);
  const readings: Reading[] = [];
  let next = start;
  while (next < messages.length && readings.length < size) {
    const { key, value, offset, timestamp, headers } = messages[next++] as KafkaMessage;
    if (hasExpired(headers, Date.now())) {
      context.metrics.expired.inc({ table: table.name });
      continue;
    }
    const reading = await readMessage({ topic, partition, offset, key, value, timestamp }, table, context);
    if (reading.kind === "entry" && reading.entry.operation.version < floor) continue;
    readings.push(reading);
    if (reading.kind === "truncate") break;
  }
  return { readings, next };
}

async function readMessage(message: SourceMessage, table: CatalogTable, context: BatchContext): Promise<Reading> {
  if (message.value === null) return { kind: "nothing" };
  try {
    const envelope = parseEnvelope(message.value);
    if (envelope === null) return { kind: "nothing" };
    const { after } = envelope;
    const known =
      after !== null && hasUnknownColumn(table, after) ? await context.tableFor(message.topic, after) : table;
    const operation = decide(known, envelope, message.key);
    if (operation.kind === "truncate") return operation;
    return { kind: "entry", entry: { operation, message, committedAtMicros: envelope.committedAtMicros } };
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    return { kind: "letter", letter: { message, refusal } };
  }
}

async function applyReadings(
  topic: string,
  readings: readonly Reading[],
  context: BatchContext,
  patience: Patience,
): Promise<void> {
  const table = await context.tableFor(topic);
  const letters = readings.flatMap((reading) => (reading.kind === "letter" ? [reading.letter] : []));
  const entries = readings.flatMap((reading) => (reading.kind === "entry" ? [reading.entry] : []));
  await refuse(context, table, letters, patience);
  await applyEntries(context, table, entries, patience);
  const truncate = readings.find((reading) => reading.kind === "truncate");
  if (truncate) await context.truncate(table, truncate.version, topic, patience);
}
