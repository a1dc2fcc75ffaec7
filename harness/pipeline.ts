import type { Admin } from "kafkajs";
import { trackerGroup } from "../daemon/touched/tracker.ts";
import { type Config, resolveConfig } from "../src/config.ts";
import { createElasticsearch } from "../src/elasticsearch.ts";
import { createKafka } from "../src/kafka.ts";
import { type Log, silentLog } from "../src/log.ts";
import { connectPostgres, type Postgres } from "../src/postgres.ts";
import { removeConnector } from "../src/setup/connector.ts";
import { runMigrations } from "../src/setup/migrations.ts";
import { setUp } from "../src/setup/setup.ts";
import { removeIndex } from "../src/sink/indices.ts";
import { type Sink, startSink } from "../src/sink/sink.ts";
import { tables as declaredTables, type Table } from "../src/tables.ts";
import { judge, type Verdict } from "./oracle.ts";
import { poll } from "./poll.ts";
import type { Endpoints } from "./stack/stack.ts";

/** A configuration with names of its own for everything that a pipeline makes in shared servers. */
export function isolatedConfig(base: Config, endpoints: Endpoints, partitions = 3): Config {
  const id = crypto.randomUUID().slice(0, 8);
  return {
    ...base,
    ...endpoints,
    postgresDatabase: `tidemark_${id}`,
    topicPrefix: `t-${id}`,
    topicPartitions: partitions,
    connectorName: `tidemark-${id}`,
    slotName: `tidemark_${id}`,
    indexPrefix: `t-${id}-`,
    consumerGroup: `tidemark-${id}`,
    sinkPort: 0,
    watchdogPort: 0,
    watchdogToken: `token-${crypto.randomUUID()}`,
  };
}

export type Database = AsyncDisposable & { readonly config: Config; readonly sql: Postgres };

/** A fresh migrated database, dropped when disposed. */
export async function createDatabase(endpoints: Endpoints, base = resolveConfig({}, {})): Promise<Database> {
  const config = isolatedConfig(base, endpoints);
  await runMigrations(config, silentLog);
  const sql = connectPostgres(config, "admin");
  return {
    config,
    sql,
    async [Symbol.asyncDispose]() {
      await sql.end({ timeout: 5 });
      await dropDatabase(config);
    },
  };
}

export type PipelineOptions = {
  readonly tables?: readonly Table[];
  /** SQL that makes further tables, run as admin before the connector starts. */
  readonly prepare?: (sql: Postgres) => Promise<void>;
  readonly partitions?: number;
  readonly base?: Config;
  readonly log?: Log;
};

export type Pipeline = AsyncDisposable & {
  readonly config: Config;
  readonly tables: readonly Table[];
  /** A connection as admin. */
  readonly sql: Postgres;
  startSink(options?: Parameters<typeof startSink>[3] & { config?: Partial<Config> }): Promise<Sink>;
  judge(): Promise<Verdict>;
  /** Waits until the oracle finds no difference. @throws Error with what it saw last */
  expectIdentical(timeoutMs?: number): Promise<Verdict>;
};

/** A whole pipeline but for its sinks: database, topics, indices and connector; all removed when disposed. */
export async function createPipeline(endpoints: Endpoints, options: PipelineOptions = {}): Promise<Pipeline> {
  const tables = options.tables ?? declaredTables;
  const config = isolatedConfig(options.base ?? resolveConfig({}, {}), endpoints, options.partitions);
  const log = options.log ?? silentLog;
  await runMigrations(config, log);
  const sql = connectPostgres(config, "admin");
  await options.prepare?.(sql);
  await setUp(config, tables, log);
  const sinks: Sink[] = [];
  return {
    config,
    tables,
    sql,
    async startSink({ config: overrides, ...sinkOptions } = {}) {
      const sink = await startSink({ ...config, ...overrides }, tables, log, sinkOptions);
      sinks.push(sink);
      return sink;
    },
    judge: () => judge(config, tables),
    expectIdentical: (timeoutMs = 60_000) => expectIdentical(config, tables, timeoutMs),
    async [Symbol.asyncDispose]() {
      await Promise.all(sinks.map((sink) => sink.stop()));
      await sql.end({ timeout: 5 });
      await removePipeline(config, tables);
    },
  };
}

/** Waits until the oracle finds no difference, full comparisons only once the counts agree. */
export async function expectIdentical(config: Config, tables: readonly Table[], timeoutMs: number): Promise<Verdict> {
  let seen = "";
  return poll(
    "PostgreSQL and Elasticsearch to become identical",
    timeoutMs,
    async () => {
      const verdict = await judge(config, tables);
      seen = JSON.stringify(verdict.tables);
      return verdict.identical && verdict;
    },
    () => seen,
  );
}

/** Removes everything that a pipeline made, and proves that nothing is left. */
export async function removePipeline(config: Config, tables: readonly Table[]): Promise<void> {
  await removeConnector(config);
  await dropSlot(config);
  await dropDatabase(config);
  const client = createElasticsearch(config);
  for (const table of tables) await removeIndex(client, config, table);
  await removeTopics(config);
  const left = await leftovers(config);
  await client.close();
  if (left.length > 0) throw new Error(`the pipeline left behind: ${left.join(", ")}`);
}

async function dropSlot(config: Config): Promise<void> {
  const sql = connectPostgres(config, "admin", { database: "postgres", connections: 1 });
  try {
    await poll("the replication slot to be free", 15_000, async () => {
      const [slot] = await sql`SELECT active FROM pg_replication_slots WHERE slot_name = ${config.slotName}`;
      if (slot === undefined) return true;
      if (slot.active) return false;
      await sql`SELECT pg_drop_replication_slot(${config.slotName})`;
      return true;
    });
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function dropDatabase(config: Config): Promise<void> {
  const sql = connectPostgres(config, "admin", { database: "postgres", connections: 1 });
  try {
    await sql`DROP DATABASE IF EXISTS ${sql(config.postgresDatabase)} WITH (FORCE)`;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function removeTopics(config: Config): Promise<void> {
  const admin = createKafka(config, "tidemark-cleanup").admin();
  await admin.connect();
  try {
    const own = (await admin.listTopics()).filter((topic) => isOwnTopic(config, topic));
    if (own.length > 0) await admin.deleteTopics({ topics: own, timeout: 15_000 });
    for (const group of await ownGroups(admin, config)) {
      // A killed consumer is a member until its session times out.
      await poll(`the consumer group ${group} to be empty`, 20_000, async () => {
        await admin.deleteGroups([group]);
        return true;
      });
    }
    await poll("the topics to be gone", 15_000, async () => {
      return !(await admin.listTopics()).some((topic) => isOwnTopic(config, topic));
    });
  } finally {
    await admin.disconnect();
  }
}

/** The sink's group and the watchdog's, as far as they are there. */
async function ownGroups(admin: Admin, config: Config): Promise<readonly string[]> {
  const own = [config.consumerGroup, trackerGroup(config.consumerGroup)];
  return (await admin.listGroups()).groups.map((group) => group.groupId).filter((id) => own.includes(id));
}

function isOwnTopic(config: Config, topic: string): boolean {
  return topic.startsWith(`${config.topicPrefix}.`) || topic === `__debezium-heartbeat.${config.topicPrefix}`;
}

/** What of a pipeline is still there: slot, database, connector, topics, group, indices, templates. */
async function leftovers(config: Config): Promise<string[]> {
  const sql = connectPostgres(config, "admin", { database: "postgres", connections: 1 });
  const admin = createKafka(config, "tidemark-cleanup").admin();
  await admin.connect();
  try {
    const slots = await sql`SELECT slot_name AS name FROM pg_replication_slots WHERE slot_name = ${config.slotName}`;
    const databases = await sql`SELECT datname AS name FROM pg_database WHERE datname = ${config.postgresDatabase}`;
    const topics = (await admin.listTopics()).filter((topic) => isOwnTopic(config, topic));
    const groups = await ownGroups(admin, config);
    const connectors = (await (await fetch(`${config.connectUrl}/connectors`)).json()) as string[];
    const indices = Object.keys(
      (await (await fetch(`${config.elasticsearchUrl}/${config.indexPrefix}*`)).json()) as object,
    );
    return [
      ...slots.map((row) => `slot ${row.name}`),
      ...databases.map((row) => `database ${row.name}`),
      ...topics.map((topic) => `topic ${topic}`),
      ...groups.map((group) => `group ${group}`),
      ...connectors.filter((name) => name === config.connectorName).map((name) => `connector ${name}`),
      ...indices.map((name) => `index ${name}`),
    ];
  } finally {
    await admin.disconnect();
    await sql.end({ timeout: 5 });
  }
}
