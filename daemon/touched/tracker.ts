import type { Consumer, EachBatchPayload } from "kafkajs";
import { messageOf } from "../../src/errors.ts";
import { sleep } from "../../src/sleep.ts";
import { topicOf } from "../../src/tables.ts";
import type { EndOffsets } from "../compare/fence.ts";
import { bucketStart } from "../compare/region.ts";
import type { Context } from "../context.ts";
import { collectIfLarge } from "../memory.ts";
import { recordTouched } from "../store/buckets.ts";
import { touchedBy } from "./touched-by.ts";

const POLL_MS = 50;
const SESSION_TIMEOUT_MS = 10_000;

/**
 * Follows the stream to learn which buckets changed, so that an update to an old row is compared at the next run. Its
 * group commits only what PostgreSQL has taken; a bucket marked twice is compared once.
 */
export class TouchedTracker {
  private readonly consumer: Consumer;
  private readonly positions = new Map<string, bigint>();

  constructor(private readonly context: Context) {
    this.consumer = context.kafka.consumer({
      groupId: trackerGroup(context.config.consumerGroup),
      sessionTimeout: SESSION_TIMEOUT_MS,
      heartbeatInterval: 1_000,
      maxBytesPerPartition: 131_072,
      // Ending waits for the fetch under way.
      maxWaitTimeInMs: 500,
      allowAutoTopicCreation: false,
      retry: { initialRetryTime: 200, maxRetryTime: 5_000, retries: 1_000_000, restartOnFailure: async () => true },
    });
  }

  /** Starts following; waits for Kafka for as long as it takes, or until the context's signal. */
  async start(): Promise<void> {
    const { tables, config, log, signal } = this.context;
    this.consumer.on(this.consumer.events.GROUP_JOIN, () => this.positions.clear());
    while (!signal.aborted) {
      try {
        await this.consumer.connect();
        const topics = tables.map((table) => topicOf(config.topicPrefix, table));
        await this.consumer.subscribe({ topics, fromBeginning: true });
        await this.consumer.run({ eachBatchAutoResolve: false, eachBatch: (payload) => this.take(payload) });
        return;
      } catch (error) {
        log.warn("the stream cannot be followed yet; trying again", { error: messageOf(error) });
        await sleep(2_000, signal);
      }
    }
  }

  async stop(): Promise<void> {
    await this.consumer.disconnect();
  }

  private async take({ batch, resolveOffset, heartbeat }: EachBatchPayload): Promise<void> {
    const { config, tables, sql } = this.context;
    const table = tables.find((one) => topicOf(config.topicPrefix, one) === batch.topic);
    if (table === undefined) return;
    const widthMs = config.watchdogBucketSeconds * 1000;
    const touched = new Map<number | null, number>();
    for (const { value } of batch.messages) {
      for (const { timeMs, lsn } of touchedBy(table.timeColumn, value)) {
        const bucket = timeMs === null ? null : bucketStart(timeMs, widthMs);
        touched.set(bucket, Math.max(touched.get(bucket) ?? 0, lsn));
      }
    }
    await recordTouched(sql, table.name, touched);
    resolveOffset(batch.lastOffset());
    this.positions.set(`${batch.topic}/${batch.partition}`, BigInt(batch.lastOffset()) + 1n);
    collectIfLarge();
    await heartbeat();
  }

  /** Waits until everything up to these offsets was looked at. @returns messages still to come at the deadline, else 0 */
  async reach(ends: EndOffsets, timeoutMs: number): Promise<bigint> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const behind = await this.behind(ends);
      if (behind === 0n || Date.now() > deadline || this.context.signal.aborted) return behind;
      await sleep(POLL_MS, this.context.signal);
    }
  }

  /** A partition that no batch has come from since the start is where the group committed last. */
  private async behind(ends: EndOffsets): Promise<bigint> {
    const unknown = [...ends.keys()].filter((partition) => !this.positions.has(partition));
    if (unknown.length > 0) await this.readCommitted();
    let behind = 0n;
    for (const [partition, end] of ends) {
      const at = this.positions.get(partition) ?? 0n;
      if (at < end) behind += end - at;
    }
    return behind;
  }

  private async readCommitted(): Promise<void> {
    const { config, tables, admin } = this.context;
    const topics = tables.map((table) => topicOf(config.topicPrefix, table));
    for (const { topic, partitions } of await admin.fetchOffsets({
      groupId: trackerGroup(config.consumerGroup),
      topics,
    })) {
      for (const { partition, offset } of partitions) {
        const name = `${topic}/${partition}`;
        const at = BigInt(offset);
        if (at > (this.positions.get(name) ?? -1n)) this.positions.set(name, at);
      }
    }
  }
}

/** The watchdog's own consumer group, beside the sink's. */
export function trackerGroup(consumerGroup: string): string {
  return `${consumerGroup}-watchdog`;
}
