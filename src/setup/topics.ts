import type { Kafka } from "kafkajs";
import type { Config } from "../config.ts";
import { OperationError, UnreachableError } from "../errors.ts";
import type { Log } from "../log.ts";
import { type Table, topicOf } from "../tables.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

type TopicSettings = Pick<Config, "topicPrefix" | "topicPartitions" | "topicReplication">;

/** Where the sink puts what it cannot index. */
export function deadLetterTopic(config: Pick<Config, "topicPrefix">): string {
  return `${config.topicPrefix}.dead-letters`;
}

/** Debezium's own topics for this connector: made first, since the broker makes none by itself. */
export function heartbeatTopic(config: Pick<Config, "topicPrefix">): string {
  return `__debezium-heartbeat.${config.topicPrefix}`;
}

/**
 * Creates the topics that are missing: kafkajs fails with UNKNOWN_TOPIC_OR_PARTITION on a topic that does not exist,
 * and Debezium would make one only at the first event. Existing topics stay as they are.
 * @returns the names of the topics created
 */
export async function createTopics(
  kafka: Kafka,
  config: Config,
  tables: readonly Table[],
  log: Log,
): Promise<readonly string[]> {
  const admin = kafka.admin();
  try {
    await admin.connect();
  } catch (error) {
    throw new UnreachableError(`Kafka at ${config.kafkaBrokers} did not answer; is it up (bun run stack status)?`, {
      cause: error,
    });
  }
  try {
    const existing = new Set(await admin.listTopics());
    const wanted = wantedTopics(config, tables).filter((entry) => !existing.has(entry.topic));
    if (wanted.length > 0) await admin.createTopics({ topics: wanted, waitForLeaders: true, timeout: 20_000 });
    const names = wanted.map((entry) => entry.topic);
    log.info(names.length === 0 ? "topics: all there" : `topics: created ${names.join(", ")}`);
    return names;
  } catch (error) {
    throw new OperationError(`creating topics at ${config.kafkaBrokers} failed`, { cause: error });
  } finally {
    await admin.disconnect();
  }
}

/** Every topic of the pipeline as it is to be made; pure. */
export function wantedTopics(config: TopicSettings, tables: readonly Table[]) {
  return [
    ...tables.map((table) => topic(config, topicOf(config.topicPrefix, table), config.topicPartitions)),
    // One letter per key, kept until it is retried: compaction forgets what a tombstone took back.
    topic(config, deadLetterTopic(config), 1, { "cleanup.policy": "compact" }),
    topic(config, heartbeatTopic(config), 1, { "retention.ms": String(DAY_MS) }),
  ];
}

function topic(config: TopicSettings, name: string, partitions: number, entries: Record<string, string> = {}) {
  return {
    topic: name,
    numPartitions: partitions,
    replicationFactor: config.topicReplication,
    configEntries: Object.entries({ "compression.type": "producer", ...entries }).map(([key, value]) => ({
      name: key,
      value,
    })),
  };
}
