import { beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Fence, passFence } from "../../daemon/compare/fence.ts";
import { runCheck } from "../../daemon/run/check.ts";
import { runHeal } from "../../daemon/run/heal.ts";
import { generate } from "../../data/generate/generate.ts";
import { prepare } from "../../src/replay/prepare/prepare.ts";
import { replay } from "../../src/replay/replay.ts";
import { HEAL_HEADER } from "../../src/sink/expiry.ts";
import type { Pipeline } from "../pipeline.ts";
import { poll } from "../poll.ts";
import { readTopic } from "../topic.ts";
import { ClaimsCheck, waitUntilVerified } from "./claims.ts";
import { peakMegabytes, startDaemon } from "./daemon.ts";
import { countDocuments, STACK_TIMEOUT_MS, startProgram, testPipeline, testStack } from "./fixture.ts";
import { watchedLog } from "./logs.ts";
import { deleteDocuments, skipToEnd, tamper } from "./tamper.ts";
import { openWatchdog, startWriter } from "./watchdog.ts";

const TIMEOUT_MS = 240_000;

beforeAll(async () => {
  await testStack();
}, STACK_TIMEOUT_MS);

/** Every divergence that was ever found, as `verdict cause`, by document. */
async function history(pipeline: Pipeline, table = "clicks"): Promise<Record<string, string>> {
  const rows = await pipeline.sql<{ document_id: string; found: string }[]>`
    SELECT document_id, verdict || ' ' || cause AS found FROM watchdog.divergences WHERE table_name = ${table}`;
  return Object.fromEntries(rows.map((row) => [row.document_id, row.found]));
}

async function oldClicks(pipeline: Pipeline, rows: number): Promise<void> {
  await pipeline.sql`
    INSERT INTO clicks (session_id, created_at)
    SELECT 's' || n, now() - interval '1 day' - n * interval '1 second' FROM generate_series(1, ${rows}::int) n`;
}

/** Waits until Kafka has every change that is committed now. */
async function waitForSlot({ sql, config }: Pipeline): Promise<void> {
  const [now] = await sql<{ lsn: string }[]>`SELECT pg_current_wal_lsn()::text AS lsn`;
  await poll("the slot to have passed what is committed", 20_000, async () => {
    const [slot] = await sql<{ passed: boolean }[]>`
      SELECT confirmed_flush_lsn >= ${now?.lsn ?? ""}::text::pg_lsn AS passed FROM pg_replication_slots
      WHERE slot_name = ${config.slotName}`;
    return slot?.passed ?? false;
  });
}

/** Ids of clicks that Debezium itself brought into Kafka. */
async function streamedClicks(pipeline: Pipeline): Promise<Set<string>> {
  const messages = await readTopic(pipeline, { name: "clicks" });
  const own = messages.filter(({ headers }) => headers[HEAL_HEADER] === undefined);
  return new Set(own.map(({ key }) => String(JSON.parse(String(key)).id)));
}

test(
  "every kind of fault under 500 rows/s: found and rightly named, none invented, healed; no claim is refuted",
  async () => {
    await using pipeline = await testPipeline();
    const { sql, config } = pipeline;
    const sink = await pipeline.startSink();
    await oldClicks(pipeline, 3_000);
    await sql`INSERT INTO transactions (booking_id) SELECT 'b' || n FROM generate_series(1, 100) n`;
    await pipeline.expectIdentical();
    const claims = new ClaimsCheck(pipeline);
    claims.start(500);
    await using daemon = startDaemon(config, { healMaxPercent: 100 });
    await waitUntilVerified(pipeline, 60_000);

    await deleteDocuments(pipeline, "clicks", [7, 8]);
    await claims.tookAway(["7", "8"]);
    await tamper(pipeline, "POST", "clicks_index/_update/9", { doc: { tidemark: { digest: 1 } } });
    await tamper(pipeline, "PUT", "clicks_index/_doc/by-hand", { session_id: "g" });
    await sql`INSERT INTO transactions (booking_id, shipment_location_lat, shipment_location_long) VALUES ('refused', 200, 100)`;
    await poll("the faults to be found", 60_000, async () => Object.keys(await history(pipeline)).length >= 4);

    await sink.stop();
    await sql`UPDATE transactions SET quantity = 2 WHERE id = 3`;
    await sql`DELETE FROM transactions WHERE id = 4`;
    await sql`INSERT INTO transactions (booking_id) VALUES ('skipped')`;
    await waitForSlot(pipeline);
    await skipToEnd(pipeline, "transactions");
    await pipeline.startSink();

    await sql`SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = ${config.slotName} AND active`;
    await poll("the slot to be dropped", 10_000, async () => {
      await sql`SELECT pg_drop_replication_slot(${config.slotName})`;
      return true;
    });
    await daemon.until("slot-missing", 30_000);
    await Bun.sleep(5_000);
    await claims.stop();
    await sql`UPDATE transactions SET shipment_location_lat = 2 WHERE booking_id = 'refused'`;
    await pipeline.expectIdentical();
    await waitUntilVerified(pipeline, 60_000);

    expect(claims.refuted).toEqual([]);
    expect(claims.checked).toBeGreaterThan(2_000);
    const streamed = await streamedClicks(pipeline);
    const all = await sql<{ id: string }[]>`SELECT id FROM clicks`;
    const gap = all.map((row) => row.id).filter((id) => !streamed.has(id));
    expect(gap.length).toBeGreaterThan(100);
    expect(await history(pipeline)).toEqual({
      ...Object.fromEntries(gap.map((id) => [id, "missing not-in-kafka"])),
      "7": "missing other-hands",
      "8": "missing other-hands",
      "9": "corrupt other-hands",
      "by-hand": "ghost other-hands",
    });
    expect(await history(pipeline, "transactions")).toEqual({
      "3": "stale not-indexed",
      "4": "ghost not-indexed",
      "101": "missing dead-letter",
      "102": "missing not-indexed",
    });
    console.log("rows", claims.rows, "claimed rows held", claims.checked, "gap", gap.length);
  },
  TIMEOUT_MS,
);

test(
  "killed with -9 at any moment of check and heal: nothing is repeated that harms, nothing forgotten",
  async () => {
    await using pipeline = await testPipeline();
    await pipeline.startSink();
    await oldClicks(pipeline, 2_000);
    await pipeline.expectIdentical();
    const writer = startWriter(pipeline, 100);
    let gone = 0;
    for (let round = 1; round <= 8; round++) {
      await deleteDocuments(
        pipeline,
        "clicks",
        Array.from({ length: 40 }, () => ++gone),
      );
      // So that a heal is always under way at some of the moments.
      const daemon = startDaemon(pipeline.config, { healRowsPerSecond: 100 });
      await daemon.until("leading", 20_000);
      await Bun.sleep(Math.random() * 4_000);
      await daemon.kill();
    }
    await using daemon = startDaemon(pipeline.config);
    await waitUntilVerified(pipeline, 90_000);
    await writer.stop();
    await waitUntilVerified(pipeline, 90_000);
    expect((await pipeline.judge()).identical).toBe(true);
    const found = await history(pipeline);
    expect(
      Object.keys(found)
        .map(Number)
        .sort((a, b) => a - b),
    ).toEqual(Array.from({ length: gone }, (_, n) => n + 1));
    const [open] =
      await pipeline.sql`SELECT count(*)::int FROM watchdog.divergences WHERE state NOT IN ('healed', 'gone')`;
    expect(open?.count).toBe(0);
    expect((await daemon.stop()).ms).toBeLessThan(10_000);
  },
  TIMEOUT_MS,
);

test(
  "two daemons: one leads; the other takes over within 10 s of its death, and catches up; both end cleanly",
  async () => {
    await using pipeline = await testPipeline();
    await pipeline.startSink();
    await oldClicks(pipeline, 100);
    await pipeline.expectIdentical();
    await using first = startDaemon(pipeline.config);
    await first.until("leading", 20_000);
    await using second = startDaemon(pipeline.config);
    await second.until("standing by", 20_000);
    expect(second.log()).not.toContain("leading");
    await deleteDocuments(pipeline, "clicks", [1, 2, 3]);
    await first.kill();
    await second.until("leading", 10_000);
    await waitUntilVerified(pipeline, 30_000);
    expect((await pipeline.judge()).identical).toBe(true);
    await using third = startDaemon(pipeline.config);
    await third.until("standing by", 20_000);
    for (const daemon of [third, second]) {
      const { code, ms } = await daemon.stop();
      expect(code).toBe(0);
      expect(ms).toBeLessThan(10_000);
    }
  },
  TIMEOUT_MS,
);

test(
  "a day replayed in half a minute, under a watchdog that never rests: no false alarm",
  async () => {
    const dir = mkdtempSync(join(tmpdir(), "tidemark-day-"));
    try {
      generate({ out: dir, clicks: 30_000, transactions: 2_000, customers: 10, products: 10, seed: 4, days: 1 });
      await prepare({ raw: dir, out: join(dir, "day") }, watchedLog);
      await using pipeline = await testPipeline();
      const { config, sql } = pipeline;
      await pipeline.startSink();
      await poll("Debezium to read its slot", 30_000, async () => {
        const [slot] = await sql<{ active: boolean }[]>`
          SELECT active FROM pg_replication_slots WHERE slot_name = ${config.slotName}`;
        return slot?.active ?? false;
      });
      await using daemon = startDaemon(config);
      await daemon.until("leading", 20_000);
      await replay({ config, dataDir: join(dir, "day"), speed: 2_880, mode: "fresh", log: watchedLog });
      await waitUntilVerified(pipeline, 60_000);
      expect((await pipeline.judge()).identical).toBe(true);
      const [runs] =
        await sql`SELECT count(*)::int, count(*) FILTER (WHERE outcome IN ('diverged', 'fence-not-passed'))::int AS alarms,
        sum(divergences)::int AS divergences FROM watchdog.runs`;
      expect(runs).toMatchObject({ alarms: 0, divergences: 0 });
      expect(runs?.count).toBeGreaterThan(50);
      expect(await sql`SELECT FROM watchdog.divergences`).toHaveLength(0);
      expect(daemon.log()).not.toMatch(/ (warn|error) /);
      expect(peakMegabytes(daemon.pid) ?? 0).toBeLessThan(200);
    } finally {
      rmSync(dir, { recursive: true });
    }
  },
  TIMEOUT_MS,
);

test(
  "a change to an old row is compared at the next run, without the scrub",
  async () => {
    await using pipeline = await testPipeline();
    const { sql, config } = pipeline;
    const sink = await pipeline.startSink();
    await oldClicks(pipeline, 500);
    await pipeline.expectIdentical();
    await using daemon = startDaemon(config, { watchdogScrubCron: "0 0 0 1 1 *", healMode: "report" });
    await waitUntilVerified(pipeline, 60_000);
    await sink.stop();
    await sql`UPDATE clicks SET promo_amount = 5 WHERE id = 250`;
    await waitForSlot(pipeline);
    await skipToEnd(pipeline, "clicks");
    await pipeline.startSink();
    await poll("the change to be missed", 30_000, async () => Object.keys(await history(pipeline)).length > 0);
    expect(await history(pipeline)).toEqual({ "250": "stale not-indexed" });
    expect((await daemon.stop()).code).toBe(0);
  },
  TIMEOUT_MS,
);

test(
  "what is beyond a cap waits for a person; report tells, plan says what it would do, and both leave it",
  async () => {
    await using pipeline = await testPipeline();
    const { config } = pipeline;
    await pipeline.startSink();
    await oldClicks(pipeline, 2_000);
    await pipeline.expectIdentical();
    const command = async (...args: string[]) => {
      const child = startProgram("daemon/main.ts", args, { ...config, healMaxRows: 20 });
      return { output: await new Response(child.stdout).text(), code: await child.exited };
    };
    expect(await command("check", "--table", "clicks")).toMatchObject({ code: 0 });
    await deleteDocuments(
      pipeline,
      "clicks",
      Array.from({ length: 30 }, (_, n) => n + 1),
    );
    for (const [healMode, says] of [
      ["report", "rows differ"],
      ["plan", "would heal"],
      ["heal", "healing waits for a person"],
    ] as const) {
      await using daemon = startDaemon(config, { healMode, healMaxRows: 20 });
      await daemon.until(says, 30_000);
      await daemon.stop();
      expect(await countDocuments(config, "clicks")).toBe(1_970);
    }
    const checked = await command("check", "--json");
    expect(checked.code).toBe(1);
    expect(JSON.parse(checked.output).tables.clicks.divergences).toHaveLength(30);
    const status = JSON.parse((await command("status", "--json")).output);
    expect(status.tables[0]).toMatchObject({ table: "clicks", divergences: { missing: 30 } });
    expect(status.tables[0].hold.reason).toContain("HEAL_MAX_ROWS=20");
    expect((await command("heal", "--plan")).output).toContain("30 to write, 0 to delete");
    const held = await command("heal");
    expect(held.output).toContain("waits for --confirm");
    expect(held.code).toBe(1);
    expect(await countDocuments(config, "clicks")).toBe(1_970);
    expect(await command("heal", "--confirm")).toMatchObject({ code: 0 });
    expect((await pipeline.judge()).identical).toBe(true);
    expect(await command("check")).toMatchObject({ code: 0 });
    expect((await command("status")).output).toContain("no divergence");
  },
  TIMEOUT_MS,
);

test(
  "healing by Elasticsearch directly sends nothing through Kafka",
  async () => {
    await using pipeline = await testPipeline();
    await pipeline.startSink();
    await oldClicks(pipeline, 200);
    await pipeline.expectIdentical();
    await using watchdog = await openWatchdog(pipeline, { healVia: "elasticsearch" });
    await tamper(pipeline, "PUT", "clicks_index/_doc/777", { session_id: "g" });
    await deleteDocuments(pipeline, "clicks", [1, 2]);
    expect((await runCheck(watchdog, { deep: false })).identical).toBe(false);
    const [heal] = await runHeal(watchdog, { by: "command", plan: false, confirm: false });
    expect(heal?.result).toMatchObject({ written: 2, deleted: 1, healed: 3, left: 0 });
    expect((await pipeline.judge()).identical).toBe(true);
    expect((await streamedClicks(pipeline)).size).toBe(200);
    const { ends } = (await passFence(watchdog, 20_000)) as Fence;
    expect([...ends.values()].reduce((sum, end) => sum + end, 0n)).toBe(200n);
  },
  TIMEOUT_MS,
);
