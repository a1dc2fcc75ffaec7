import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Admin, ConfigResourceTypes } from "kafkajs";
import type { Check } from "../../daemon/doctor/check.ts";
import { judgeClock } from "../../daemon/doctor/clock.ts";
import { examine } from "../../daemon/doctor/examine.ts";
import { exitCodeOf, reportText } from "../../daemon/doctor/report.ts";
import { judgeSlot } from "../../daemon/doctor/slot.ts";
import { Health } from "../../daemon/run/health.ts";
import { createElasticsearch } from "../../src/elasticsearch.ts";
import { createKafka } from "../../src/kafka.ts";
import { connectRequest, removeConnector } from "../../src/setup/connector.ts";
import { setUp } from "../../src/setup/setup.ts";
import type { Pipeline } from "../pipeline.ts";
import { poll } from "../poll.ts";
import { STACK_TIMEOUT_MS, startProgram, testPipeline, testStack } from "./fixture.ts";
import { watchedLog } from "./logs.ts";
import { tamper } from "./tamper.ts";
import { openWatchdog } from "./watchdog.ts";

let pipeline: Pipeline;

beforeAll(async () => {
  await testStack();
  pipeline = await testPipeline();
  await pipeline.startSink();
  await poll("the doctor to find nothing wrong", 30_000, async () => (await failures()).length === 0);
}, STACK_TIMEOUT_MS);
afterAll(async () => {
  await pipeline[Symbol.asyncDispose]();
}, 60_000);

async function failures(): Promise<readonly Check[]> {
  const { checks } = await examine(pipeline.config, pipeline.tables);
  return checks.filter(({ status }) => status === "fail");
}

const named = (checks: readonly Check[]) =>
  checks.map(({ check, labels }) => [check, ...Object.values(labels)].join(" "));

/** Runs what the doctor advises: SQL as the administrator, requests to Elasticsearch, and setup. */
async function follow(checks: readonly Check[]): Promise<void> {
  for (const { remedy } of checks) {
    if (/^[A-Z]+ /.test(remedy)) await pipeline.sql.unsafe(remedy);
    for (const [, method, url, body] of remedy.matchAll(/curl -X (\w+)(?: -H '[^']*')? '([^']+)'(?: -d '([^']*)')?/g)) {
      const answer = await fetch(url ?? "", { method, body, headers: { "content-type": "application/json" } });
      expect(answer.status).toBe(200);
    }
    if (remedy.includes("bun run setup")) await setUp(pipeline.config, pipeline.tables, watchedLog);
  }
}

/** Follows the advice until nothing fails, as a person would. */
async function followUntilWell(): Promise<void> {
  for (let round = 0; round < 3; round++) await follow(await failures());
  expect(named(await failures())).toEqual([]);
}

async function withAdmin<T>(use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = createKafka(pipeline.config, "test").admin();
  await admin.connect();
  return use(admin).finally(() => admin.disconnect());
}

test("a healthy pipeline: everything was judged, and nothing failed", async () => {
  const { checks, unreachable } = await examine(pipeline.config, pipeline.tables);
  expect(unreachable).toEqual([]);
  expect(named(checks.filter(({ status }) => status === "fail" || status === "skip"))).toEqual([]);
  expect(checks.length).toBeGreaterThan(40);
});

test.each([
  ["ALTER PUBLICATION tidemark DROP TABLE clicks", "publication-table clicks"],
  ["ALTER TABLE clicks REPLICA IDENTITY DEFAULT", "table-identity clicks"],
  ["ALTER TABLE clicks ALTER COLUMN created_at DROP NOT NULL", "table-time clicks"],
  ["REVOKE SELECT ON clicks FROM tidemark_replication", "role-rights tidemark_replication"],
  ["ALTER PUBLICATION tidemark SET (publish = 'insert, update, delete')", "publication"],
])("%s: named, and mended by the SQL that it advises", async (fault, name) => {
  await pipeline.sql.unsafe(fault);
  const found = await failures();
  expect(named(found)).toHaveLength(1);
  expect(named(found)[0]).toStartWith(name);
  await follow(found);
  expect(named(await failures())).toEqual([]);
});

test("a column of a type that is not supported", async () => {
  await pipeline.sql`ALTER TABLE customers ADD COLUMN spot point`;
  const found = await failures();
  await pipeline.sql`ALTER TABLE customers DROP COLUMN spot`;
  expect(named(found)).toContainEqual(expect.stringContaining("customers"));
  expect(found.map((one) => one.found).join()).toContain("point");
  expect(named(await failures())).toEqual([]);
});

test("a connector whose configuration has drifted, and one that is gone; no password is told", async () => {
  const { config } = pipeline;
  const path = `/connectors/${config.connectorName}/config`;
  const good = await connectRequest<Record<string, string>>(config, "GET", path);
  const drifted = { ...good, "heartbeat.interval.ms": "77", "database.password": config.postgresReplicationPassword };
  await connectRequest(config, "PUT", path, drifted);
  const found = await failures();
  expect(named(found).join()).toContain("connector-configuration");
  expect(found.map((one) => one.found).join()).toContain("heartbeat.interval.ms");
  expect(reportText(found)).not.toContain(config.postgresReplicationPassword);
  await setUp(config, pipeline.tables, watchedLog);
  await poll("setup to have mended it", 30_000, async () => (await failures()).length === 0);
  await removeConnector(config);
  expect(named(await failures()).join()).toContain("connector");
  await setUp(config, pipeline.tables, watchedLog);
  await poll("setup to have mended it", 60_000, async () => (await failures()).length === 0);
}, 120_000);

type Request = readonly [method: string, path: string, body: unknown];
const strange = { mappings: { properties: { customer_id: { type: "keyword" } } } };
const indexFaults: readonly (readonly [string, readonly Request[]])[] = [
  ["index-deletes clicks_index", [["PUT", "clicks_index/_settings", { "index.gc_deletes": "1m" }]]],
  ["index-blocks clicks_index", [["PUT", "clicks_index/_settings", { "index.blocks.read_only_allow_delete": true }]]],
  ["index-mapping clicks_index", [["PUT", "clicks_index/_mapping", { dynamic: true }]]],
  [
    "index-mapping customers_index",
    [
      ["DELETE", "customers_index-000001", undefined],
      ["PUT", "customers_index-000001", strange],
    ],
  ],
  ["index products_index", [["DELETE", "products_index-000001", undefined]]],
];

test.each(indexFaults)("%s: named, and mended by the command that it advises", async (name, requests) => {
  const [check = "", index = ""] = name.split(" ");
  for (const [method, path, body] of requests) await tamper(pipeline, method, path, body);
  expect(named(await failures())).toEqual([`${check} ${pipeline.config.indexPrefix}${index}`]);
  await followUntilWell();
});

test("a template that differs, and one that is gone", async () => {
  const { config } = pipeline;
  const name = `${config.indexPrefix}products_index`;
  const client = createElasticsearch(config);
  await client.indices.putIndexTemplate({ name, index_patterns: [`${name}-*`], priority: 500 });
  expect(named(await failures())).toEqual([`index-template ${name}`]);
  await followUntilWell();
  await client.indices.deleteIndexTemplate({ name });
  expect(named(await failures())).toEqual([`index-template ${name}`]);
  await followUntilWell();
  await client.close();
});

test("a topic that is gone, one that is compacted, and one with other partitions", async () => {
  const { topicPrefix } = pipeline.config;
  const letters = `${topicPrefix}.dead-letters`;
  const products = `${topicPrefix}.public.products`;
  await withAdmin((admin) => admin.deleteTopics({ topics: [letters] }));
  await poll("the topic to be gone", 10_000, async () => (await failures()).length > 0);
  expect(named(await failures())).toEqual([`topic ${letters}`]);
  await followUntilWell();
  const configure = (policy: string) =>
    withAdmin((admin) =>
      admin.alterConfigs({
        validateOnly: false,
        resources: [
          {
            type: ConfigResourceTypes.TOPIC,
            name: products,
            configEntries: [
              { name: "compression.type", value: "producer" },
              { name: "cleanup.policy", value: policy },
            ],
          },
        ],
      }),
    );
  await configure("compact");
  await poll("the broker to tell it", 10_000, async () => (await failures()).length > 0);
  expect((await failures()).map(({ check, remedy }) => [check, remedy])).toEqual([
    ["topic-configuration", expect.stringContaining(`--entity-name ${products} --add-config cleanup.policy=delete`)],
  ]);
  await configure("delete");
  await poll("the broker to tell it", 10_000, async () => (await failures()).length === 0);
  await withAdmin((admin) => admin.createPartitions({ topicPartitions: [{ topic: products, count: 5 }] }));
  // Versions settle the order between partitions: this works, so it is a warning.
  await poll("the broker to tell it", 10_000, async () => {
    const { checks } = await examine(pipeline.config, pipeline.tables);
    const warning = checks.find(({ check, labels }) => check === "topic-partitions" && labels.topic === products);
    return warning?.status === "warn" && warning.remedy === "TOPIC_PARTITIONS=5";
  });
}, 60_000);

test("a slot that was dropped: named, and mended by the watchdog that it advises", async () => {
  const { config, sql } = pipeline;
  await poll("the slot to be dropped", 10_000, async () => {
    await sql`SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = ${config.slotName} AND active`;
    await sql`SELECT pg_drop_replication_slot(${config.slotName})`;
    return true;
  });
  const found = await failures();
  expect(found.map(({ check, remedy }) => [check, remedy])).toEqual([["slot", "bun run watchdog"]]);
  await using watchdog = await openWatchdog(pipeline);
  await new Health().run(watchdog);
  await poll("the watchdog to have mended it", 30_000, async () => (await failures()).length === 0);
}, 60_000);

test("as a command: 0 when well, 1 when something failed, 3 when a server is unreachable", async () => {
  const run = async (...args: string[]) => {
    const child = startProgram("daemon/doctor/main.ts", args, pipeline.config);
    return { output: await new Response(child.stdout).text(), code: await child.exited };
  };
  const well = await run("--json");
  expect(JSON.parse(well.output)).toContainEqual(expect.objectContaining({ check: "slot", status: "ok" }));
  expect(well.code).toBe(0);
  await pipeline.sql`ALTER TABLE clicks REPLICA IDENTITY DEFAULT`;
  const ill = await run();
  await pipeline.sql`ALTER TABLE clicks REPLICA IDENTITY FULL`;
  expect(ill.output).toMatch(/^FAIL {2}table-identity clicks/m);
  expect(ill.output).toContain("REPLICA IDENTITY FULL");
  expect(ill.code).toBe(1);
  expect((await run("--no-such-option")).code).toBe(2);
  const away = await run("--elasticsearch-url", "http://127.0.0.1:1");
  expect(away.output).toMatch(/^FAIL {2}elasticsearch /m);
  expect(away.output).toMatch(/^skip {2}elasticsearch-health/m);
  expect(away.output).toMatch(/^ok {4}slot /m);
  expect(away.code).toBe(3);
}, 60_000);

test.each([
  [{ aheadMs: 500, uncertainMs: 10 }, "ok"],
  [{ aheadMs: -3_000, uncertainMs: 10 }, "warn"],
  [{ aheadMs: -3_000, uncertainMs: 2_000 }, "ok"],
  [{ aheadMs: 60_000, uncertainMs: 10 }, "fail"],
])("a clock that is %j off: %s", (skew, status) => {
  expect(judgeClock("postgres", skew).status).toBe(status as Check["status"]);
});

test.each([
  [null, "fail slot"],
  [{ walStatus: "lost", active: false }, "fail slot-wal"],
  [{ retainedBytes: 200 * 2 ** 20 }, "warn slot-wal"],
  [{ active: false }, "fail slot-reader"],
  [{ database: "another" }, "fail slot"],
])("a slot that is %j: %s", (difference, wanted) => {
  const good = { plugin: "pgoutput", database: "tidemark", active: true, walStatus: "reserved", retainedBytes: 0 };
  const names = { slotName: "tidemark", postgresDatabase: "tidemark", watchdogMaxWalMegabytes: 100 };
  const checks = judgeSlot(difference && { ...good, ...difference }, names, "running");
  expect(checks.map(({ status, check }) => `${status} ${check}`)).toContain(wanted);
  expect(exitCodeOf({ checks, unreachable: [] })).toBe(wanted.startsWith("fail") ? 1 : 0);
});
