import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Check } from "../../daemon/doctor/check.ts";
import { judgeClock } from "../../daemon/doctor/clock.ts";
import { examine } from "../../daemon/doctor/examine.ts";
import { exitCodeOf, reportText } from "../../daemon/doctor/report.ts";
import { judgeSlot } from "../../daemon/doctor/slot.ts";
import { silentLog } from "../../src/log.ts";
import { connectRequest, removeConnector } from "../../src/setup/connector.ts";
import { setUp } from "../../src/setup/setup.ts";
import { createPipeline, type Pipeline } from "../pipeline.ts";
import { poll } from "../poll.ts";
import { STACK_TIMEOUT_MS, startProgram, testEndpoints, testStack } from "./fixture.ts";
import { tamper } from "./tamper.ts";

let pipeline: Pipeline;

beforeAll(async () => {
  await testStack();
  pipeline = await createPipeline(await testEndpoints());
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

/** Runs what the doctor advises: SQL as the administrator. */
async function follow(checks: readonly Check[]): Promise<void> {
  for (const { remedy } of checks) await pipeline.sql.unsafe(remedy);
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
  await setUp(config, pipeline.tables, silentLog);
  await poll("setup to have mended it", 30_000, async () => (await failures()).length === 0);
  await removeConnector(config);
  expect(named(await failures()).join()).toContain("connector");
  await setUp(config, pipeline.tables, silentLog);
  await poll("setup to have mended it", 60_000, async () => (await failures()).length === 0);
}, 120_000);

test("an index that forgets deletes too early, and a template that differs", async () => {
  await tamper(pipeline, "PUT", "clicks_index/_settings", { "index.gc_deletes": "1m" });
  const found = await failures();
  expect(named(found).join()).toStartWith("index-deletes");
  await tamper(pipeline, "PUT", "clicks_index/_settings", { "index.gc_deletes": "1h" });
  expect(named(await failures())).toEqual([]);
});

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
