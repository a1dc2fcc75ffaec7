import type { CatalogTable } from "../../src/catalog.ts";
import { CodecError, documentIdFromKey } from "../../src/row-codec.ts";
import { decide } from "../../src/sink/decide.ts";
import { EnvelopeError, parseEnvelope, parseKey } from "../../src/sink/envelope.ts";
import { sleep } from "../../src/sleep.ts";
import { topicOf } from "../../src/tables.ts";
import type { Context } from "../context.ts";
import { collectIfLarge } from "../memory.ts";
import type { LastEvent } from "./explain.ts";

const SEARCH_MS = 20_000;
const POLL_MS = 50;
/** Of a partition at a time: decoded, messages take many times as much. */
const MAX_BYTES = 131_072;

export type Search = {
  readonly events: ReadonlyMap<string, LastEvent>;
  /** Whether every partition was read to where it ended at the start. */
  readonly complete: boolean;
  /** Offsets that the sink's group has committed, by partition. */
  readonly committed: ReadonlyMap<number, bigint>;
};

/** Reads a table's topic from a time on to its end, at most 20 s, and keeps each wanted row's last event. */
export async function findEvents(
  context: Context,
  table: CatalogTable,
  ids: ReadonlySet<string>,
  sinceMs: number,
): Promise<Search> {
  const { admin, kafka, config } = context;
  const topic = topicOf(config.topicPrefix, table);
  const starts = await admin.fetchTopicOffsetsByTimestamp(topic, Math.max(0, sinceMs));
  const ends = new Map(
    (await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, BigInt(high)] as const),
  );
  const [offsets] = await admin.fetchOffsets({ groupId: config.consumerGroup, topics: [topic] });
  const committed = new Map((offsets?.partitions ?? []).map(({ partition, offset }) => [partition, BigInt(offset)]));
  const left = new Map(
    starts.flatMap(({ partition, offset }) => {
      const end = ends.get(partition) ?? 0n;
      return BigInt(offset) < end ? [[partition, { start: offset, end }] as const] : [];
    }),
  );
  const events = new Map<string, LastEvent>();
  if (left.size === 0) return { events, complete: true, committed };
  const groupId = `${config.consumerGroup}-watchdog-search-${crypto.randomUUID()}`;
  const consumer = kafka.consumer({
    groupId,
    allowAutoTopicCreation: false,
    maxBytesPerPartition: MAX_BYTES,
    // What waits for more at the topic's end keeps the consumer from ending too.
    maxWaitTimeInMs: 100,
  });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        for (const { key, value, offset } of batch.messages) {
          const event = readEvent(table, ids, key, value);
          if (event) events.set(event.id, { ...event, partition: batch.partition, offset: BigInt(offset) });
        }
        collectIfLarge();
        const range = left.get(batch.partition);
        if (range && BigInt(batch.lastOffset()) + 1n >= range.end) left.delete(batch.partition);
      },
    });
    for (const [partition, { start }] of left) consumer.seek({ topic, partition, offset: start });
    const deadline = Date.now() + SEARCH_MS;
    while (left.size > 0 && Date.now() < deadline && !context.signal.aborted) await sleep(POLL_MS, context.signal);
    return { events, complete: left.size === 0, committed };
  } finally {
    await consumer.disconnect();
    await admin.deleteGroups([groupId]).catch(() => {});
  }
}

function readEvent(table: CatalogTable, ids: ReadonlySet<string>, key: Buffer | null, value: Buffer | null) {
  if (value === null) return undefined;
  try {
    const id = documentIdFromKey(table, parseKey(key));
    if (!ids.has(id)) return undefined;
    const envelope = parseEnvelope(value);
    if (envelope === null) return undefined;
    const operation = decide(table, envelope, key);
    const digest = operation.kind === "index" ? operation.document.tidemark.digest : null;
    return { id, version: operation.version, digest };
  } catch (error) {
    // What is no event of the table explains no row; the sink has put it aside.
    if (error instanceof EnvelopeError || error instanceof CodecError) return undefined;
    throw error;
  }
}
