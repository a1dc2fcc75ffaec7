import { expect, test } from "bun:test";
import type { Table } from "../../src/tables.ts";
import type { Check } from "./check.ts";
import { judgeClock } from "./clock.ts";
import { type ConnectAnswers, judgeConnect } from "./connect.ts";
import { judgeElasticsearchVersion, judgeHealth } from "./elasticsearch.ts";
import { driftingPaths, durationMs } from "./indices.ts";
import { judgeKafka, type KafkaAnswers } from "./kafka.ts";
import { judgeMigrations } from "./migrations.ts";
import { judgeServerSettings, type PostgresServer } from "./postgres.ts";
import { exitCodeOf, reportText } from "./report.ts";
import { judgeRoles } from "./roles.ts";
import { judgeSlot, type Slot } from "./slot.ts";
import { judgeTable, type TableFacts } from "./tables.ts";
import { judgeTransactions } from "./transactions.ts";

/** What is not well: check, status and remedy. */
function faults(checks: readonly Check[]): readonly (readonly [string, string, string])[] {
  return checks.filter(({ status }) => status !== "ok").map(({ check, status, remedy }) => [check, status, remedy]);
}

const server: PostgresServer = {
  ...{ version: 180_004, versionText: "18.4", encoding: "UTF8", standby: false, walLevel: "logical", walKeep: "10GB" },
  ...{ slotLimit: 10, slotsUsed: 10, senderLimit: 10, sendersUsed: 10, ownSlot: true, ownSender: true },
};

const serverCases: readonly (readonly [
  string,
  Partial<PostgresServer>,
  readonly (readonly [string, string, string])[],
])[] = [
  ["all is well, with every slot taken and one of them ours", {}, []],
  ["too old", { version: 130_021 }, [["postgres-version", "fail", "move to PostgreSQL 14 or later (pg_upgrade)"]]],
  ["a standby", { standby: true }, [["postgres-primary", "fail", "set POSTGRES_HOST to the primary"]]],
  [
    "wal_level=replica",
    { walLevel: "replica" },
    [["postgres-wal-level", "fail", "ALTER SYSTEM SET wal_level = 'logical'; -- then restart PostgreSQL"]],
  ],
  [
    "no room for a slot",
    { ownSlot: false },
    [["postgres-slots", "fail", "ALTER SYSTEM SET max_replication_slots = 20; -- then restart PostgreSQL"]],
  ],
  [
    "no room for a sender",
    { ownSender: false },
    [["postgres-senders", "fail", "ALTER SYSTEM SET max_wal_senders = 20; -- then restart PostgreSQL"]],
  ],
  [
    "slots keep WAL without a limit",
    { walKeep: "-1" },
    [["postgres-wal-keep", "warn", "ALTER SYSTEM SET max_slot_wal_keep_size = '10GB'; SELECT pg_reload_conf();"]],
  ],
];

test.each(serverCases)("PostgreSQL: %s", (_name, change, expected) => {
  expect(faults(judgeServerSettings({ ...server, ...change }, undefined))).toEqual([...expected]);
});

test("an admin who may not log in is a warning, since most is for every role to see", () => {
  const [admin] = judgeServerSettings(server, "password authentication failed");
  expect(admin).toMatchObject({ check: "postgres-admin", status: "warn" });
});

test("migrations: missing ones are run, unknown ones need a newer version", () => {
  expect(judgeMigrations({ known: ["0001_a.sql"], ran: ["0001_a.sql"] }).status).toBe("ok");
  expect(judgeMigrations({ known: ["0001_a.sql"], ran: [] })).toMatchObject({
    status: "fail",
    remedy: "bun run setup",
  });
  expect(judgeMigrations({ known: [], ran: ["0009_b.sql"] })).toMatchObject({
    status: "fail",
    remedy: "use the newer version of Tidemark",
  });
  expect(judgeMigrations(null).status).toBe("skip");
});

const slot: Slot = { plugin: "pgoutput", database: "shop", active: true, walStatus: "reserved", retainedBytes: 0 };
const slotNames = { slotName: "tidemark", postgresDatabase: "shop", watchdogMaxWalMegabytes: 10 };
const slotCases: readonly (readonly [string, Slot | null, "running" | "missing" | "not running", readonly string[]])[] =
  [
    ["well", slot, "running", []],
    ["missing", null, "running", ["slot fail bun run watchdog", "slot-wal skip ", "slot-reader skip "]],
    [
      "missing before the connector was made",
      null,
      "missing",
      ["slot fail bun run setup", "slot-wal skip ", "slot-reader skip "],
    ],
    [
      "lost",
      { ...slot, walStatus: "lost" },
      "running",
      ["slot-wal fail bun run watchdog, which makes it anew and heals the gap; raise max_slot_wal_keep_size"],
    ],
    ["keeping much", { ...slot, retainedBytes: 11 * 1_048_576 }, "running", ["slot-wal warn bun run watchdog status"]],
    ["read by nobody", { ...slot, active: false }, "running", ["slot-reader fail bun run stack logs connect"]],
    [
      "read by nobody, since the connector is stopped",
      { ...slot, active: false },
      "not running",
      ["slot-reader skip "],
    ],
    [
      "another program's",
      { ...slot, plugin: "wal2json" },
      "running",
      ["slot fail set SLOT_NAME to a name that no other program uses; bun run setup"],
    ],
  ];

test.each(slotCases)("slot: %s", (_name, found, connector, expected) => {
  expect(faults(judgeSlot(found, slotNames, connector)).map((fault) => fault.join(" "))).toEqual([...expected]);
});

const table: Table = { name: "Orders", key: ["a", "b"], timeColumn: "at" };
const tableFacts: TableFacts = { name: "Orders", identity: "f", key: ["a", "b"], leading: ["at"], generated: [] };
const columns = [
  { table_name: "Orders", column_name: "a", type_name: "integer", not_null: true },
  { table_name: "Orders", column_name: "b", type_name: "integer", not_null: true },
  { table_name: "Orders", column_name: "at", type_name: "timestamp with time zone", not_null: true },
];

test("tables: names are quoted, the key's order counts, and a generated column is not streamed", () => {
  const remedies = (facts: Partial<TableFacts>, stored = false) =>
    faults(judgeTable(table, { ...tableFacts, ...facts }, columns, stored)).map(([, , remedy]) => remedy);
  expect(remedies({})).toEqual([]);
  expect(remedies({ identity: "d" })).toEqual(['ALTER TABLE public."Orders" REPLICA IDENTITY FULL;']);
  expect(remedies({ key: [] })).toEqual(['ALTER TABLE public."Orders" ADD PRIMARY KEY ("a", "b");']);
  expect(remedies({ key: ["b", "a"] })).toEqual([expect.stringContaining('declare key: ["b","a"]')]);
  expect(remedies({ generated: [{ name: "g", kind: "s" }] })).toEqual([
    'ALTER TABLE public."Orders" ALTER COLUMN "g" DROP EXPRESSION;',
  ]);
  expect(remedies({ generated: [{ name: "g", kind: "s" }] }, true)).toEqual([]);
  const missing = judgeTable(table, undefined, columns, false);
  expect(missing.map(({ status }) => status)).toEqual(["fail", "skip", "skip", "skip", "skip", "skip"]);
});

test("roles: a missing one, a missing attribute, a wrong password, a missing right", () => {
  const found = ["tidemark_writer", "tidemark_replication"].map((name) => ({
    ...{ name, login: true, replication: false, refusal: name === "tidemark_writer" ? "no" : null },
  }));
  const right = { role: "tidemark_writer", kind: "schema", object: "replay", privilege: "USAGE", held: false } as const;
  expect(faults(judgeRoles({ found, rights: [right] }))).toEqual([
    ["role-login", "fail", "set POSTGRES_WRITER_PASSWORD; bun run setup gives it to the role"],
    ["role-rights", "fail", "GRANT USAGE ON SCHEMA replay TO tidemark_writer;"],
    ["role", "fail", "ALTER ROLE tidemark_replication REPLICATION;"],
    ["role", "fail", "CREATE ROLE tidemark_watchdog LOGIN; -- then bun run setup, for its password"],
    ["role-login", "skip", ""],
    ["role-rights", "skip", ""],
  ]);
});

test("transactions: old ones are named, those of a moment are not", () => {
  const base = { gid: null, user: "u", database: "d", application: "", seconds: 301 };
  const transactions = [
    { ...base, pid: 7 },
    { ...base, pid: 8, seconds: 10 },
    { ...base, pid: null, gid: "it's" },
  ];
  expect(faults(judgeTransactions(transactions))).toEqual([
    ["transactions", "warn", "SELECT pg_terminate_backend(7);"],
    ["prepared-transactions", "warn", "in database d: COMMIT PREPARED 'it''s'; or ROLLBACK PREPARED 'it''s';"],
  ]);
});

const connect: ConnectAnswers = {
  ...{ version: "4.3.1", clusterId: "k", debezium: "3.7.0.Final", skew: null },
  connector: { state: "RUNNING", tasks: [{ id: 0, state: "RUNNING" }], config: { a: "1", "database.password": "x" } },
};
const wanted = { a: "1", "database.password": "x" };
const connectNames = { connectUrl: "http://connect", connectorName: "c" };

test("Connect: versions, states, and each way in which a configuration differs", () => {
  const judged = (change: Partial<ConnectAnswers>) =>
    faults(judgeConnect({ ...connect, ...change }, wanted, connectNames));
  expect(judged({})).toEqual([]);
  expect(judged({ version: "3.6.2" })[0]?.slice(0, 2)).toEqual(["connect-version", "fail"]);
  expect(judged({ debezium: "3.6.1.Final" })[0]?.slice(0, 2)).toEqual(["debezium", "fail"]);
  expect(judged({ debezium: null })[0]?.slice(0, 2)).toEqual(["debezium", "fail"]);
  const { config } = { config: wanted, ...connect.connector };
  const at = (state: string, tasks: { id: number; state: string; trace?: string }[]) =>
    judged({ connector: { state, tasks, config } });
  expect(at("PAUSED", [])).toEqual([["connector", "fail", "curl -X PUT http://connect/connectors/c/resume"]]);
  expect(at("RUNNING", [])[0]?.[1]).toBe("fail");
  expect(at("RUNNING", [{ id: 0, state: "FAILED", trace: "why\nat" }])[0]?.[2]).toContain("/c/restart?");
  const drifted = {
    config: { "database.password": "hunter2", extra: "hunter3" },
    state: "RUNNING",
    tasks: [{ id: 0, state: "RUNNING" }],
  };
  const [drift] = judgeConnect({ ...connect, connector: drifted }, wanted, connectNames).filter(
    ({ status }) => status === "fail",
  );
  expect(drift?.found).toBe("a is missing; database.password differs (not shown); extra is extra");
});

const topics = ["t.public.Orders", "t.dead-letters", "__debezium-heartbeat.t"].map((name) => ({
  ...{ name, partitions: [{ led: true, copies: 1, inSync: 1 }] },
  configuration: {
    ...{ "compression.type": "producer", "cleanup.policy": name === "t.dead-letters" ? "compact" : "delete" },
    "retention.ms": name.startsWith("__") ? "86400000" : "604800000",
  },
}));
const kafka: KafkaAnswers = { clusterId: "k", topics, sinkMembers: 1 };
const kafkaNames = {
  ...{ kafkaBrokers: "b:9092", topicPrefix: "t", topicPartitions: 1, topicReplication: 1, consumerGroup: "g" },
};

test("Kafka: another cluster than Connect's, no sink, too few partitions and copies, topics kept too briefly", () => {
  const judged = (change: Partial<KafkaAnswers>, names: Partial<typeof kafkaNames> = {}) =>
    faults(judgeKafka({ ...kafka, ...change }, "k", { ...kafkaNames, ...names }, [table]));
  expect(judged({})).toEqual([]);
  expect(judged({ clusterId: "other" }).map(([check, status]) => [check, status])).toEqual([["kafka-cluster", "fail"]]);
  expect(judged({ sinkMembers: 0 })).toEqual([["sink-members", "warn", "bun run sink"]]);
  expect(judged({}, { topicPartitions: 4 })).toEqual([
    [
      "topic-partitions",
      "warn",
      "kafka-topics.sh --bootstrap-server b:9092 --alter --topic t.public.Orders --partitions 4",
    ],
  ]);
  expect(judged({}, { topicReplication: 3 }).map(([check, status]) => [check, status])).toEqual(
    topics.map(() => ["topic-replication", "warn"]),
  );
  const brief = topics.map((topic) => ({
    ...topic,
    configuration: { ...topic.configuration, "retention.ms": "86400000" },
  }));
  expect(judged({ topics: brief })).toEqual([]);
  const briefer = topics.map((topic) => ({
    ...topic,
    configuration: { ...topic.configuration, "retention.ms": "1000" },
  }));
  expect(judged({ topics: briefer }).map(([check, status]) => [check, status])).toEqual([
    ["topic-configuration", "warn"],
    ["topic-configuration", "warn"],
  ]);
});

test("Elasticsearch: versions beside the client's, and indices without shards", () => {
  expect(["9.5.3", "8.19.0", "10.0.0"].map((version) => judgeElasticsearchVersion(version, 9).status)).toEqual([
    "ok",
    "fail",
    "warn",
  ]);
  const health = (cluster: string, indices: Record<string, string>) =>
    judgeHealth({ cluster, indices }, { indexPrefix: "p-", elasticsearchUrl: "http://e" }, [
      { ...table, name: "orders" },
    ]).status;
  expect(health("red", { "p-orders_index-000001": "red" })).toBe("fail");
  expect(health("yellow", { "p-orders_index-000001": "yellow" })).toBe("warn");
  expect(health("red", { "p-orders_index-000001": "green", other: "red" })).toBe("warn");
  expect(health("yellow", { "p-orders_index-000001": "green", other: "yellow" })).toBe("ok");
});

test("durations and differences as Elasticsearch writes them", () => {
  expect(["1h", "60s", "3600000ms", "1d", "-1", ""].map(durationMs)).toEqual([
    3_600_000, 60_000, 3_600_000, 86_400_000, 0, 0,
  ]);
  expect(driftingPaths({ a: { b: 1, c: true, d: ["x"] } }, { a: { b: "1", c: "true", d: ["x"] } })).toEqual([]);
  expect(driftingPaths({ a: { b: 1 }, c: {} }, { a: { b: 2, e: 1 } })).toEqual(["a.b", "a.e", "c"]);
});

test.each([
  [0, 0, "ok"],
  [-1_900, 0, "ok"],
  [2_100, 0, "warn"],
  [2_100, 500, "ok"],
  [-30_100, 0, "fail"],
] as const)("a clock %i ms ahead, known to %i ms: %s", (aheadMs, uncertainMs, status) => {
  expect(judgeClock("postgres", { aheadMs, uncertainMs }).status).toBe(status);
});

test("the report says what was expected and how to mend it; an unreachable server outweighs a failure", () => {
  const check = { check: "a", status: "fail", expected: "b", found: "c", remedy: "d", labels: { table: "t" } } as const;
  const passed = { ...check, status: "ok" } as const;
  expect(reportText([check, passed])).toBe("FAIL  a t  c\n      expected: b\n      mend: d\nok    a t  c");
  expect(exitCodeOf({ checks: [passed], unreachable: [] })).toBe(0);
  expect(exitCodeOf({ checks: [check], unreachable: [] })).toBe(1);
  expect(exitCodeOf({ checks: [check], unreachable: ["kafka"] })).toBe(3);
});
