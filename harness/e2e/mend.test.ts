import { beforeAll, expect, test } from "bun:test";
import { passFence } from "../../daemon/compare/fence.ts";
import type { Context } from "../../daemon/context.ts";
import { runHeal } from "../../daemon/run/heal.ts";
import { Health } from "../../daemon/run/health.ts";
import { runScrub } from "../../daemon/run/scrub.ts";
import { createKafka } from "../../src/kafka.ts";
import {
  connectorStatus,
  connectRequest,
  removeConnector,
  resumeConnector,
  stopConnector,
} from "../../src/setup/connector.ts";
import type { Pipeline } from "../pipeline.ts";
import { poll } from "../poll.ts";
import { STACK_TIMEOUT_MS, testPipeline, testStack } from "./fixture.ts";
import { openWatchdog } from "./watchdog.ts";

const TIMEOUT_MS = 180_000;

beforeAll(async () => {
  await testStack();
}, STACK_TIMEOUT_MS);

/** Messages in the topic of clicks: a snapshot would show. */
async function events(pipeline: Pipeline): Promise<number> {
  const admin = createKafka(pipeline.config, "test").admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(`${pipeline.config.topicPrefix}.public.clicks`);
  await admin.disconnect();
  return ends.reduce((sum, end) => sum + Number(end.high), 0);
}

async function insert(pipeline: Pipeline, rows: number): Promise<void> {
  await pipeline.sql`INSERT INTO clicks (session_id) SELECT 's' || n FROM generate_series(1, ${rows}::int) n`;
}

/** Drops the slot under the connector's feet. */
async function dropSlot({ sql, config }: Pipeline): Promise<void> {
  await poll("the slot to be dropped", 10_000, async () => {
    await sql`SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = ${config.slotName} AND active`;
    await sql`SELECT pg_drop_replication_slot(${config.slotName})`;
    return true;
  });
}

async function kinds(watchdog: Context): Promise<readonly string[]> {
  return (await new Health().run(watchdog)).findings.map((finding) => finding.kind);
}

/** Runs scrubs until every table was gone through once, healing what they find. Returns the rows re-emitted. */
async function scrubAndHeal(watchdog: Context): Promise<number> {
  let written = 0;
  await runScrub(watchdog, 1_000_000);
  for (const { result } of await runHeal(watchdog, { by: "daemon", plan: false, confirm: false })) {
    written += result?.written ?? 0;
  }
  return written;
}

test(
  "a dropped slot with 5,000 rows written meanwhile: made anew, and identical within 60 s by re-emitting those rows only",
  async () => {
    await using pipeline = await testPipeline();
    await pipeline.startSink();
    await using watchdog = await openWatchdog(pipeline, { healMaxPercent: 100 });
    await insert(pipeline, 2_000);
    await pipeline.expectIdentical();
    expect(await kinds(watchdog)).toEqual([]);
    await dropSlot(pipeline);
    await insert(pipeline, 5_000);
    const begun = performance.now();
    const { findings, gap } = await new Health().run(watchdog);
    expect(findings.map((finding) => finding.kind)).toContain("slot-missing");
    expect(gap).toBe(true);
    expect(await events(pipeline)).toBe(2_000);
    expect(await scrubAndHeal(watchdog)).toBe(5_000);
    const seconds = (performance.now() - begun) / 1000;
    await pipeline.expectIdentical(5_000);
    expect(seconds).toBeLessThan(60);
    expect(await events(pipeline)).toBe(7_000);
    await insert(pipeline, 10);
    await pipeline.expectIdentical(20_000);
    expect(await kinds(watchdog)).toEqual([]);
    console.log("slot lost and healed in", seconds, "s");
  },
  TIMEOUT_MS,
);

test(
  "a slot that other hands advanced while nobody read it: seen before Debezium streams on, and its gap healed",
  async () => {
    await using pipeline = await testPipeline();
    const { sql, config } = pipeline;
    await pipeline.startSink();
    await using watchdog = await openWatchdog(pipeline, { healMaxPercent: 100 });
    await insert(pipeline, 100);
    await pipeline.expectIdentical();
    await stopConnector(config);
    await insert(pipeline, 300);
    await sql`SELECT pg_replication_slot_advance(${config.slotName}, pg_current_wal_lsn())`;
    const health = new Health();
    const first = await health.run(watchdog);
    expect(first.findings.map((finding) => finding.kind)).toContain("slot-jumped");
    expect(first).toMatchObject({ mended: [], gap: true });
    expect((await health.run(watchdog)).gap).toBe(false);
    await resumeConnector(config);
    expect(await scrubAndHeal(watchdog)).toBe(300);
    await insert(pipeline, 10);
    await pipeline.expectIdentical(20_000);
    expect(await kinds(watchdog)).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  "a slot that other hands dropped and made anew, so that Debezium refuses it: made anew, and its gap healed",
  async () => {
    await using pipeline = await testPipeline();
    const { sql, config } = pipeline;
    await pipeline.startSink();
    await using watchdog = await openWatchdog(pipeline, { healMaxPercent: 100 });
    await insert(pipeline, 100);
    await pipeline.expectIdentical();
    await dropSlot(pipeline);
    await insert(pipeline, 300);
    await sql`SELECT pg_create_logical_replication_slot(${config.slotName}, 'pgoutput')`;
    await poll("the task to fail", 30_000, async () => (await connectorStatus(config))?.tasks[0]?.state === "FAILED");
    const { mended, gap } = await new Health().run(watchdog);
    expect(mended).toEqual([{ kind: "reset-slot" }]);
    expect(gap).toBe(true);
    expect(await scrubAndHeal(watchdog)).toBe(300);
    await insert(pipeline, 10);
    await pipeline.expectIdentical(20_000);
    expect(await events(pipeline)).toBe(410);
  },
  TIMEOUT_MS,
);

test(
  "a slot that PostgreSQL invalidated, since it held back too much WAL: made anew, and its gap healed",
  async () => {
    const stack = await testStack();
    await using pipeline = await testPipeline();
    const { sql, config } = pipeline;
    await pipeline.startSink();
    await using watchdog = await openWatchdog(pipeline, { healMaxPercent: 100 });
    await insert(pipeline, 100);
    await pipeline.expectIdentical();
    expect(await passFence(watchdog, 20_000)).toMatchObject({ passed: true });
    await stack.server("connect").kill();
    try {
      await insert(pipeline, 200);
      await sql`ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'`;
      await sql`SELECT pg_reload_conf()`;
      await poll("the slot to be lost", 60_000, async () => {
        await sql`SELECT pg_logical_emit_message(false, 'test', repeat('x', 20000000))`;
        await sql`SELECT pg_switch_wal()`;
        await sql`CHECKPOINT`;
        const [slot] = await sql`SELECT wal_status FROM pg_replication_slots WHERE slot_name = ${config.slotName}`;
        return slot?.wal_status === "lost";
      });
    } finally {
      await sql`ALTER SYSTEM RESET max_slot_wal_keep_size`;
      await sql`SELECT pg_reload_conf()`;
      await stack.server("connect").restart();
    }
    const { findings, mended, gap } = await new Health().run(watchdog);
    expect(findings.map((finding) => finding.kind)).toContain("slot-lost");
    expect(mended).toEqual([{ kind: "reset-slot" }]);
    expect(gap).toBe(true);
    expect(await scrubAndHeal(watchdog)).toBe(200);
    await insert(pipeline, 10);
    await pipeline.expectIdentical(20_000);
    expect(await events(pipeline)).toBe(310);
  },
  TIMEOUT_MS,
);

test(
  "a connector that was deleted, even with its offsets, is registered again without a snapshot; changes meanwhile arrive",
  async () => {
    await using pipeline = await testPipeline();
    await pipeline.startSink();
    await using watchdog = await openWatchdog(pipeline);
    await insert(pipeline, 1_000);
    await pipeline.expectIdentical();
    // What the slot has not confirmed would come again, rightly.
    expect(await passFence(watchdog, 20_000)).toMatchObject({ passed: true });
    await removeConnector(pipeline.config);
    await insert(pipeline, 50);
    const { findings, mended, gap } = await new Health().run(watchdog);
    expect(findings.map((finding) => finding.kind)).toContain("connector-missing");
    expect(mended).toEqual([{ kind: "register" }]);
    expect(gap).toBe(false);
    await pipeline.expectIdentical(30_000);
    expect(await events(pipeline)).toBe(1_050);
  },
  TIMEOUT_MS,
);

test(
  "a table that went from the publication is added again, and what was missed is healed",
  async () => {
    await using pipeline = await testPipeline();
    const { sql } = pipeline;
    await pipeline.startSink();
    await using watchdog = await openWatchdog(pipeline, { healMaxPercent: 100 });
    await insert(pipeline, 100);
    await pipeline.expectIdentical();
    await sql`ALTER PUBLICATION tidemark DROP TABLE clicks`;
    await insert(pipeline, 30);
    const { findings, gap } = await new Health().run(watchdog);
    expect(findings.map(({ kind, labels }) => [kind, labels])).toEqual([["table-unpublished", { table: "clicks" }]]);
    expect(gap).toBe(true);
    expect(await scrubAndHeal(watchdog)).toBe(30);
    await insert(pipeline, 5);
    await pipeline.expectIdentical(20_000);
  },
  TIMEOUT_MS,
);

test(
  "a mend that was killed half-way is finished by the next; what a person stopped stays stopped",
  async () => {
    await using pipeline = await testPipeline();
    const { config, sql } = pipeline;
    await pipeline.startSink();
    await using watchdog = await openWatchdog(pipeline);
    await insert(pipeline, 10);
    await pipeline.expectIdentical();
    await stopConnector(config);
    const byPerson = await new Health().run(watchdog);
    expect(byPerson.findings.map((finding) => finding.kind)).toEqual(["slot-inactive", "connector-stopped"]);
    expect(byPerson.mended).toEqual([]);
    await sql`INSERT INTO watchdog.mending (what) VALUES ('slot')`;
    await sql`SELECT pg_drop_replication_slot(${config.slotName})`;
    expect((await new Health().run(watchdog)).mended).toEqual([{ kind: "reset-slot" }]);
    await insert(pipeline, 10);
    await pipeline.expectIdentical(20_000);
    expect(await sql`SELECT FROM watchdog.mending`).toHaveLength(0);
  },
  TIMEOUT_MS,
);

test(
  "a failed task is restarted, and not again at once where that does not help",
  async () => {
    await using pipeline = await testPipeline();
    const { config } = pipeline;
    await pipeline.startSink();
    await using watchdog = await openWatchdog(pipeline);
    const path = `/connectors/${config.connectorName}/config`;
    const good = await connectRequest<Record<string, string>>(config, "GET", path);
    await connectRequest(config, "PUT", path, { ...good, "publication.name": "nowhere" });
    await poll("the task to fail", 30_000, async () => (await connectorStatus(config))?.tasks[0]?.state === "FAILED");
    const health = new Health();
    const first = await health.run(watchdog);
    expect(first.findings.map((finding) => finding.kind)).toContain("connector-failed");
    expect(first.mended).toEqual([{ kind: "restart" }]);
    await poll(
      "the task to fail again",
      30_000,
      async () => (await connectorStatus(config))?.tasks[0]?.state === "FAILED",
    );
    expect((await health.run(watchdog)).mended).toEqual([]);
    await connectRequest(config, "PUT", path, good);
    await insert(pipeline, 10);
    await pipeline.expectIdentical(30_000);
  },
  TIMEOUT_MS,
);
