import { type Admin, ConfigResourceTypes } from "kafkajs";
import type { Config } from "../../src/config.ts";
import { UnreachableError } from "../../src/errors.ts";
import { createKafka } from "../../src/kafka.ts";
import { heartbeatTopic, wantedTopics } from "../../src/setup/topics.ts";
import { type Table, topicOf } from "../../src/tables.ts";
import { about, type Check, skipped } from "./check.ts";

export type TopicFacts = {
  readonly name: string;
  /** For each partition: whether it has a leader, how many copies there are to be, and how many are up to date. */
  readonly partitions: readonly { readonly led: boolean; readonly copies: number; readonly inSync: number }[];
  readonly configuration: Readonly<Record<string, string>>;
};

export type KafkaAnswers = {
  readonly clusterId: string;
  readonly topics: readonly TopicFacts[];
  readonly sinkMembers: number;
};

type Names = Pick<Config, "kafkaBrokers" | "topicPrefix" | "topicPartitions" | "topicReplication" | "consumerGroup">;

export const kafkaChecks = [
  "kafka-cluster",
  "topic",
  "topic-partitions",
  "topic-replication",
  "topic-configuration",
  "sink-members",
] as const;

/** A sink that is away for longer loses events; the watchdog then has to heal them. */
const SHORTEST_RETENTION_MS = 24 * 60 * 60 * 1000;

/** Asks Kafka. @throws UnreachableError */
export async function askKafka(config: Config, tables: readonly Table[]): Promise<KafkaAnswers> {
  const admin = createKafka(config, "tidemark-doctor").admin();
  try {
    await admin.connect();
  } catch (error) {
    throw new UnreachableError(`Kafka at ${config.kafkaBrokers} did not answer`, { cause: error });
  }
  try {
    const { clusterId } = await admin.describeCluster();
    const { groups } = await admin.describeGroups([config.consumerGroup]);
    return {
      clusterId,
      topics: await askTopics(admin, config, tables),
      sinkMembers: groups[0]?.members.length ?? 0,
    };
  } finally {
    await admin.disconnect();
  }
}

async function askTopics(admin: Admin, config: Config, tables: readonly Table[]): Promise<readonly TopicFacts[]> {
  const existing = new Set(await admin.listTopics());
  const names = wantedTopics(config, tables)
    .map((entry) => entry.topic)
    .filter((name) => existing.has(name));
  if (names.length === 0) return [];
  const { topics } = await admin.fetchTopicMetadata({ topics: names });
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map((name) => ({ type: ConfigResourceTypes.TOPIC, name })),
  });
  return topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ leader, replicas, isr }) => ({
      led: leader >= 0,
      copies: replicas.length,
      inSync: isr.length,
    })),
    configuration: Object.fromEntries(
      (resources.find((one) => one.resourceName === name)?.configEntries ?? []).map((entry) => [
        entry.configName,
        entry.configValue,
      ]),
    ),
  }));
}

/**
 * The verdict on topics and group; pure.
 * @param connectCluster the Kafka that the connector writes to; undefined where Kafka Connect did not answer
 */
export function judgeKafka(
  { clusterId, topics, sinkMembers }: KafkaAnswers,
  connectCluster: string | undefined,
  names: Names,
  tables: readonly Table[],
): readonly Check[] {
  const members = about("sink-members", `the group ${names.consumerGroup} has members`, { group: names.consumerGroup });
  const streamed = new Set(tables.map((table) => topicOf(names.topicPrefix, table)));
  return [
    judgeCluster(clusterId, connectCluster),
    ...wantedTopics(names, tables).flatMap((wanted) =>
      judgeTopic(
        wanted,
        topics.find(({ name }) => name === wanted.topic),
        streamed.has(wanted.topic),
        names,
      ),
    ),
    sinkMembers > 0 ? members.ok(`${sinkMembers}`) : members.warn("none: no sink runs", "bun run sink"),
  ];
}

function judgeCluster(own: string, connectCluster: string | undefined): Check {
  const same = about("kafka-cluster", "Kafka Connect writes to the Kafka that the sink reads");
  if (connectCluster === undefined) return same.skip("connect did not answer what was asked");
  if (connectCluster === own) return same.ok(own);
  return same.fail(
    `Kafka Connect's is ${connectCluster}, ours ${own}`,
    "set KAFKA_BROKERS to the brokers of Kafka Connect",
  );
}

type WantedTopic = ReturnType<typeof wantedTopics>[number];

function judgeTopic(
  wanted: WantedTopic,
  facts: TopicFacts | undefined,
  streamed: boolean,
  names: Names,
): readonly Check[] {
  const labels = { topic: wanted.topic };
  const exists = about("topic", "exists, every partition with a leader", labels);
  if (facts === undefined) {
    const others = ["topic-partitions", "topic-replication", "topic-configuration"];
    return [exists.fail("does not exist", "bun run setup"), ...skipped(others, "the topic does not exist", labels)];
  }
  const leaderless = facts.partitions.filter(({ led }) => !led).length;
  return [
    leaderless === 0
      ? exists.ok("exists")
      : exists.fail(
          `${leaderless} partitions have no leader`,
          "bring the brokers back that hold them (bun run stack status)",
        ),
    ...(streamed ? [judgePartitions(facts, names)] : []),
    judgeReplication(wanted, facts, names),
    ...judgeTopicConfiguration(wanted, facts, streamed, names),
  ];
}

/** A key's changes may then lie in two partitions, and arrive in any order: their versions settle that. */
function judgePartitions({ name, partitions }: TopicFacts, { topicPartitions, kafkaBrokers }: Names): Check {
  const count = about("topic-partitions", `${topicPartitions} partitions (TOPIC_PARTITIONS)`, { topic: name });
  if (partitions.length === topicPartitions) return count.ok(`${partitions.length}`);
  return count.warn(
    `${partitions.length}`,
    partitions.length > topicPartitions
      ? `TOPIC_PARTITIONS=${partitions.length}`
      : `kafka-topics.sh --bootstrap-server ${kafkaBrokers} --alter --topic ${name} --partitions ${topicPartitions}`,
  );
}

function judgeReplication(wanted: WantedTopic, { name, partitions }: TopicFacts, { kafkaBrokers }: Names): Check {
  const copies = about("topic-replication", `${wanted.replicationFactor} copies (TOPIC_REPLICATION), up to date`, {
    topic: name,
  });
  const fewest = Math.min(...partitions.map((partition) => partition.copies));
  const behind = partitions.filter(({ copies, inSync }) => inSync < copies).length;
  if (fewest < wanted.replicationFactor) {
    return copies.warn(
      `${fewest} copies`,
      `kafka-reassign-partitions.sh --bootstrap-server ${kafkaBrokers} ..., or TOPIC_REPLICATION=${fewest}`,
    );
  }
  if (behind > 0) return copies.warn(`${behind} partitions have copies that are behind`, "bun run stack status");
  return copies.ok(`${fewest}`);
}

function judgeTopicConfiguration(
  wanted: WantedTopic,
  { name, configuration }: TopicFacts,
  streamed: boolean,
  { kafkaBrokers, topicPrefix }: Names,
): readonly Check[] {
  const labels = { topic: name };
  const mend = (entry: string) =>
    `kafka-configs.sh --bootstrap-server ${kafkaBrokers} --alter --entity-type topics --entity-name ${name} --add-config ${entry}`;
  const entries = [
    ...wanted.configEntries,
    // Compaction takes the history away in which the watchdog looks for the cause of a divergence.
    ...(streamed ? [{ name: "cleanup.policy", value: "delete" }] : []),
  ];
  const failures = entries
    .filter((entry) => configuration[entry.name] !== entry.value)
    .map((entry) => {
      const setting = `${entry.name}=${entry.value}`;
      const check = about("topic-configuration", setting, { ...labels, setting: entry.name });
      const found = `${entry.name}=${configuration[entry.name] ?? "(none)"}`;
      // How long heartbeats are kept harms nothing but the disk.
      return name === heartbeatTopic({ topicPrefix })
        ? check.warn(found, mend(setting))
        : check.fail(found, mend(setting));
    });
  const retention = Number(configuration["retention.ms"] ?? -1);
  if (streamed && retention >= 0 && retention < SHORTEST_RETENTION_MS) {
    const setting = `retention.ms=${SHORTEST_RETENTION_MS * 7}`;
    const check = about("topic-configuration", "retention.ms of a day at least: a sink may be away as long", {
      ...labels,
      setting: "retention.ms",
    });
    return [...failures, check.warn(`retention.ms=${retention}`, mend(setting))];
  }
  if (failures.length > 0) return failures;
  return [
    about("topic-configuration", "as bun run setup makes it", labels).ok(
      entries.map((entry) => `${entry.name}=${entry.value}`).join(" "),
    ),
  ];
}
