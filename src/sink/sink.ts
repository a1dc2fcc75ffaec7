import type { EachBatchPayload } from "kafkajs";
import { backoffMs } from "../backoff.ts";
import type { Config } from "../config.ts";
import { createElasticsearch } from "../elasticsearch.ts";
import { messageOf } from "../errors.ts";
import { createKafka } from "../kafka.ts";
import type { Log } from "../log.ts";
import { connectPostgres } from "../postgres.ts";
import { createTopics } from "../setup/topics.ts";
import { sleep } from "../sleep.ts";
import { indexAlias, type Table, topicOf } from "../tables.ts";
import { type BatchContext, consumeBatch } from "./batch.ts";
import { Columns } from "./columns.ts";
import { Floors } from "./floors.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { waitForOthers } from "./others.ts";
import { Patience, StoppedError } from "./patience.ts";
import { serveHealth } from "./server.ts";
import { deleteUpTo } from "./truncate.ts";

/** After this long a request in flight is given up, so that the process ends within 10 s of SIGTERM. */
const STOP_GRACE_MS = 5_000;
const SESSION_TIMEOUT_MS = 10_000;

export type Sink = {
  /** The address of /healthz, /readyz and /metrics. */
  readonly url: string;
  readonly metrics: Metrics;
  /** Finishes what is in flight, commits and leaves the group; ends within 10 s. */
  stop(): Promise<void>;
  /** Settles when the consumer ended by itself: with an error it cannot recover from. */
  readonly crashed: Promise<Error>;
};

/**
 * Starts a member of the sink's consumer group. Waits for PostgreSQL, Elasticsearch and Kafka for as long as it takes
 * or until `signal`; /readyz says when it consumes.
 */
export async function startSink(
  config: Config,
  tables: readonly Table[],
  log: Log,
  options: { readonly signal?: AbortSignal; readonly onIndexed?: (latencyMs: number) => void } = {},
): Promise<Sink> {
  const { signal, onIndexed } = options;
  const stopping = new AbortController();
  const aborting = new AbortController();
  signal?.addEventListener("abort", () => stopping.abort(), { once: true });
  if (signal?.aborted) stopping.abort();
  const metrics = createMetrics(tables);
  const state = { joined: false, elasticsearch: true };
  const server = serveHealth(config, metrics, () => state.joined && state.elasticsearch);
  const sql = connectPostgres(config, "watchdog", { connections: 1, program: "tidemark-sink" });
  const client = createElasticsearch(config);
  const kafka = createKafka(config, "tidemark-sink");
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  const admin = kafka.admin();
  const consumer = kafka.consumer({
    groupId: config.consumerGroup,
    sessionTimeout: SESSION_TIMEOUT_MS,
    heartbeatInterval: 1_000,
    rebalanceTimeout: 30_000,
    minBytes: 1,
    // Compressed bytes: Debezium's JSON is ten times as large in memory.
    maxBytesPerPartition: 131_072,
    maxWaitTimeInMs: config.sinkFetchWaitMs,
    allowAutoTopicCreation: false,
    retry: { initialRetryTime: 200, maxRetryTime: 5_000, retries: 1_000_000, restartOnFailure: async () => true },
  });
  const columns = new Columns(sql, client, config, tables, log);
  const floors = new Floors(client, config.indexPrefix);
  const assigned = new Map<string, Set<number>>();

  const context: BatchContext = {
    client,
    producer,
    config,
    metrics,
    log,
    abort: aborting.signal,
    onIndexed: onIndexed ?? (() => {}),
    onElasticsearch: (answers) => {
      state.elasticsearch = answers;
    },
    tableFor: (topic, mustHave) => columns.tableFor(topic, mustHave),
    floorOf: (table) => floors.of(table),
    truncate: async (table, version, topic, patience) => {
      const alias = indexAlias(config.indexPrefix, table);
      const heartbeat = async () => patience.check();
      const remove = () => deleteUpTo(client, alias, version, heartbeat);
      await floors.raise(table, version);
      let deleted = await patience.during(remove());
      const own = assigned.get(topic) ?? new Set();
      await patience.during(waitForOthers(admin, config.consumerGroup, topic, own, heartbeat, stopping.signal));
      deleted += await patience.during(remove());
      log.info("table truncated", { table: table.name, deleted });
    },
  };

  const { GROUP_JOIN, CRASH } = consumer.events;
  consumer.on(GROUP_JOIN, ({ payload }) => {
    assigned.clear();
    for (const [topic, partitions] of Object.entries(payload.memberAssignment))
      assigned.set(topic, new Set(partitions));
    floors.forget();
    state.joined = true;
    const count = [...assigned.values()].reduce((sum, partitions) => sum + partitions.size, 0);
    log.info("joined the group", { group: config.consumerGroup, partitions: count });
  });
  const crashed = new Promise<Error>((resolve) => {
    consumer.on(CRASH, ({ payload }) => {
      state.joined = false;
      if (stopping.signal.aborted) return;
      log.warn("the consumer stopped", { error: messageOf(payload.error), restarts: payload.restart });
      if (!payload.restart) resolve(payload.error);
    });
  });

  const eachBatch = async (payload: EachBatchPayload): Promise<void> => {
    const patience = new Patience({ heartbeat: payload.heartbeat, stop: stopping.signal, log, metrics });
    for (let attempt = 1; ; attempt++) {
      try {
        return await consumeBatch(payload, context, patience);
      } catch (error) {
        if (error instanceof StoppedError) return;
        // A rebalance, and whatever else kafkajs has to know: it joins again and redelivers.
        if (isKafkaError(error)) throw error;
        log.warn("a batch failed and is repeated", { topic: payload.batch.topic, error: messageOf(error) });
        try {
          await patience.backOff(attempt, "batch failed");
        } catch (stopped) {
          if (stopped instanceof StoppedError) return;
          throw stopped;
        }
      }
    }
  };

  const run = async () => {
    await persist("PostgreSQL or Elasticsearch is not ready", () => columns.read());
    await persist("Kafka is not ready", () => createTopics(kafka, config, tables, log));
    await persist("Kafka is not ready", async () => {
      await producer.connect();
      await admin.connect();
      await consumer.connect();
      await consumer.subscribe({
        topics: tables.map((table) => topicOf(config.topicPrefix, table)),
        fromBeginning: true,
      });
    });
    if (stopping.signal.aborted) return;
    await consumer.run({
      eachBatch,
      eachBatchAutoResolve: false,
      autoCommit: true,
      partitionsConsumedConcurrently: tables.length * config.topicPartitions,
    });
  };
  const persist = async (what: string, attempt: () => Promise<unknown>) => {
    for (let count = 1; !stopping.signal.aborted; count++) {
      try {
        await attempt();
        return;
      } catch (error) {
        log.warn(`${what}; trying again`, { error: messageOf(error) });
        await sleep(backoffMs(count + 3), stopping.signal);
      }
    }
  };
  const running = run();

  return {
    url: server.url,
    metrics,
    crashed,
    async stop() {
      stopping.abort();
      const timer = setTimeout(() => aborting.abort(), STOP_GRACE_MS);
      await running;
      await consumer.disconnect();
      await Promise.allSettled([producer.disconnect(), admin.disconnect(), sql.end({ timeout: 1 }), client.close()]);
      clearTimeout(timer);
      await server.stop();
    },
  };
}

function isKafkaError(error: unknown): boolean {
  return error instanceof Error && error.name.startsWith("KafkaJS");
}
