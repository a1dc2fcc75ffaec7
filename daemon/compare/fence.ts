import { errors } from "@elastic/elasticsearch";
import { messageOf } from "../../src/errors.ts";
import { parseLsn } from "../../src/lsn.ts";
import { sleep } from "../../src/sleep.ts";
import { indexAlias, topicOf } from "../../src/tables.ts";
import { type Context, connectKafka } from "../context.ts";

/** The stages that a change passes on its way: PostgreSQL's slot, Kafka's topics with the sink, Elasticsearch. */
export type FenceStage = "slot" | "sink" | "elasticsearch";

/** Where each partition of the tables' topics ended at the fence: `topic/partition` to offset. */
export type EndOffsets = ReadonlyMap<string, bigint>;

export type Fence = {
  readonly passed: true;
  /** Every change committed at or below this LSN has reached Elasticsearch. */
  readonly lsn: number;
  /** PostgreSQL's clock when the LSN was taken, in milliseconds since 1970. */
  readonly atMs: number;
  readonly waits: Readonly<Record<FenceStage, number>>;
  readonly ends: EndOffsets;
};

/** A stage that did not pass in time: itself the finding, for beyond it nothing can be said. */
export type BlockedFence = {
  readonly passed: false;
  readonly stage: FenceStage;
  readonly waitedMs: number;
  /** How far behind the stage is: bytes of WAL, messages, or undefined where that cannot be known. */
  readonly distance?: { readonly count: number; readonly unit: "bytes" | "messages" };
  readonly cause: string;
};

const POLL_MS = 50;

/**
 * Proves that every change committed so far has reached Elasticsearch: takes the WAL's end, emits a logical message
 * (without one an idle slot does not move), and waits for the slot, for the sink's offsets, and for a refresh.
 * @param timeoutMs for all stages together
 */
export async function passFence(context: Context, timeoutMs: number): Promise<Fence | BlockedFence> {
  const { sql } = context;
  const deadline = Date.now() + timeoutMs;
  const [start] = await sql<{ lsn: string; at: string }[]>`
    SELECT pg_current_wal_insert_lsn()::text AS lsn, extract(epoch FROM clock_timestamp()) * 1000 AS at`;
  if (start === undefined) throw new Error("PostgreSQL answered a fence's question with no row");
  await sql`SELECT pg_logical_emit_message(true, 'tidemark', 'fence')`;
  const waits = { slot: 0, sink: 0, elasticsearch: 0 };
  const timed = async <T extends object>(stage: FenceStage, wait: Promise<T | BlockedFence>) => {
    const begun = performance.now();
    const result = await wait;
    waits[stage] = Math.round(performance.now() - begun);
    return result;
  };
  const slot = await timed("slot", waitForSlot(context, start.lsn, deadline));
  if (isBlocked(slot)) return slot;
  const sink = await timed("sink", waitForSink(context, deadline));
  if (isBlocked(sink)) return sink;
  const refreshed = await timed("elasticsearch", refresh(context, deadline));
  if (isBlocked(refreshed)) return refreshed;
  return { passed: true, lsn: parseLsn(start.lsn), atMs: Math.floor(Number(start.at)), waits, ends: sink.ends };
}

function isBlocked(result: object): result is BlockedFence {
  return "passed" in result && result.passed === false;
}

/** Debezium confirms only what Kafka acknowledged, so a slot past the LSN means that its changes are in Kafka. */
async function waitForSlot(context: Context, lsn: string, deadline: number): Promise<object | BlockedFence> {
  const begun = Date.now();
  for (;;) {
    const [slot] = await context.sql<{ active: boolean; passed: boolean; behind: string; wal_status: string }[]>`
      SELECT active, coalesce(confirmed_flush_lsn >= ${lsn}::pg_lsn, false) AS passed,
             coalesce(${lsn}::pg_lsn - confirmed_flush_lsn, 0) AS behind, coalesce(wal_status, 'lost') AS wal_status
      FROM pg_replication_slots WHERE slot_name = ${context.config.slotName}`;
    if (slot?.passed && slot.wal_status !== "lost") return {};
    if (Date.now() > deadline || context.signal.aborted) {
      const waitedMs = Date.now() - begun;
      if (slot === undefined) {
        return { passed: false, stage: "slot", waitedMs, cause: `the slot ${context.config.slotName} is missing` };
      }
      const cause = slot.wal_status === "lost" ? "invalidated" : slot.active ? "read, but behind" : "read by nobody";
      return {
        passed: false,
        stage: "slot",
        waitedMs,
        distance: { count: Number(slot.behind), unit: "bytes" },
        cause: `the slot ${context.config.slotName} is ${cause}`,
      };
    }
    await sleep(POLL_MS, context.signal);
  }
}

/** Reads where the topics end, and waits until the sink's group has committed all of that. */
async function waitForSink(context: Context, deadline: number): Promise<{ ends: EndOffsets } | BlockedFence> {
  const begun = Date.now();
  let ends: EndOffsets | undefined;
  let behind = 0n;
  let cause = "the sink's group is behind";
  for (;;) {
    try {
      await connectKafka(context);
      ends ??= await readEnds(context);
      behind = messagesBehind(ends, await readCommitted(context));
      if (behind === 0n) return { ends };
    } catch (error) {
      cause = messageOf(error);
    }
    if (Date.now() > deadline || context.signal.aborted) {
      return {
        passed: false,
        stage: "sink",
        waitedMs: Date.now() - begun,
        ...(ends === undefined ? {} : { distance: { count: Number(behind), unit: "messages" as const } }),
        cause,
      };
    }
    await sleep(POLL_MS, context.signal);
  }
}

/** Messages that the group has not committed, of those up to `ends`; pure. */
export function messagesBehind(ends: EndOffsets, committed: ReadonlyMap<string, bigint>): bigint {
  let behind = 0n;
  for (const [partition, end] of ends) {
    const at = committed.get(partition) ?? 0n;
    if (at < end) behind += end - at;
  }
  return behind;
}

/** Partitions with nothing to read (empty, or emptied by retention) are left out. */
export async function readEnds(context: Pick<Context, "admin" | "tables" | "config">): Promise<EndOffsets> {
  const ends = new Map<string, bigint>();
  for (const table of context.tables) {
    const topic = topicOf(context.config.topicPrefix, table);
    for (const { partition, high, low } of await context.admin.fetchTopicOffsets(topic)) {
      if (BigInt(high) > BigInt(low)) ends.set(`${topic}/${partition}`, BigInt(high));
    }
  }
  return ends;
}

/** Offsets that the sink's group has committed: `topic/partition` to offset. */
export async function readCommitted(
  context: Pick<Context, "admin" | "tables" | "config">,
): Promise<ReadonlyMap<string, bigint>> {
  const topics = context.tables.map((table) => topicOf(context.config.topicPrefix, table));
  const answer = await context.admin.fetchOffsets({ groupId: context.config.consumerGroup, topics });
  const committed = new Map<string, bigint>();
  for (const { topic, partitions } of answer) {
    for (const { partition, offset } of partitions) {
      // -1: nothing committed yet.
      committed.set(`${topic}/${partition}`, BigInt(offset) < 0n ? 0n : BigInt(offset));
    }
  }
  return committed;
}

async function refresh(context: Context, deadline: number): Promise<object | BlockedFence> {
  const begun = Date.now();
  const index = context.tables.map((table) => indexAlias(context.config.indexPrefix, table));
  for (;;) {
    try {
      const { _shards: shards } = await context.client.indices.refresh({ index });
      if (!shards?.failed) return {};
      throw new errors.ElasticsearchClientError(`${shards.failed} shards did not refresh`);
    } catch (error) {
      if (!(error instanceof errors.ElasticsearchClientError)) throw error;
      if (Date.now() > deadline || context.signal.aborted) {
        return { passed: false, stage: "elasticsearch", waitedMs: Date.now() - begun, cause: messageOf(error) };
      }
    }
    await sleep(POLL_MS, context.signal);
  }
}
