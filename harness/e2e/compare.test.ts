import { beforeAll, expect, test } from "bun:test";
import { runCheck } from "../../daemon/run/check.ts";
import { runHeal } from "../../daemon/run/heal.ts";
import { readStanding } from "../../daemon/store/divergences.ts";
import { countDocuments, STACK_TIMEOUT_MS, testPipeline, testStack, waitForCount } from "./fixture.ts";
import { deleteDocuments, skipToEnd, tamper } from "./tamper.ts";
import { openWatchdog, startWriter } from "./watchdog.ts";

beforeAll(async () => {
  await testStack();
}, STACK_TIMEOUT_MS);

const found = (result: Awaited<ReturnType<typeof runCheck>>, table = "clicks") =>
  Object.fromEntries(
    (result.tables[table]?.divergences ?? []).map(({ id, verdict, cause }) => [id, `${verdict} ${cause}`]),
  );

test("an untouched pipeline is identical, and an idle fence passes within 3 s", async () => {
  await using pipeline = await testPipeline();
  await pipeline.startSink();
  await pipeline.sql`INSERT INTO clicks (session_id, created_at) SELECT 's', to_timestamp(n * 1000) FROM generate_series(1, 3000) n`;
  await pipeline.sql`INSERT INTO clicks (session_id, created_at) VALUES ('x', 'infinity'), ('y', '1960-01-01'), ('z', '0044-03-15 BC')`;
  await pipeline.expectIdentical();
  await using watchdog = await openWatchdog(pipeline);
  await runCheck(watchdog, { deep: false });
  const begun = performance.now();
  const result = await runCheck(watchdog, { deep: true });
  const seconds = (performance.now() - begun) / 1000;
  expect(found(result)).toEqual({});
  expect(result.identical).toBe(true);
  expect(result.tables.clicks).toMatchObject({ rows: 3003, documents: 3003 });
  if (!result.fence) throw new Error("no fence");
  const { slot, sink, elasticsearch } = result.fence.waits;
  expect(slot + sink + elasticsearch).toBeLessThan(3_000);
  console.log("fence", result.fence.waits, "check", seconds);
}, 120_000);

test("documents deleted, edited and added by hand are found under live writes, named and healed", async () => {
  await using pipeline = await testPipeline();
  const { sql } = pipeline;
  await pipeline.startSink();
  await sql`INSERT INTO clicks (session_id, search_keywords, created_at) SELECT 's' || n, 'shoe', now() - n * interval '1 second' FROM generate_series(1, 5000) n`;
  await pipeline.expectIdentical();
  const writer = startWriter(pipeline, 500);
  try {
    await deleteDocuments(pipeline, "clicks", [7]);
    await tamper(pipeline, "POST", "clicks_index/_update/8", { doc: { search_keywords: "boot" } });
    await tamper(pipeline, "PUT", "clicks_index/_doc/ghost-by-hand", { session_id: "g" });
    await tamper(pipeline, "PUT", "clicks_index/_doc/900000000", {
      session_id: "g",
      created_at: new Date().toISOString(),
    });
    await tamper(pipeline, "POST", "clicks_index/_update/9", { doc: { tidemark: { digest: 1 } } });
    await using watchdog = await openWatchdog(pipeline);
    expect(found(await runCheck(watchdog, { deep: false }))).toEqual({
      "7": "missing other-hands",
      "9": "corrupt other-hands",
      "900000000": "ghost other-hands",
      "ghost-by-hand": "ghost other-hands",
    });
    expect(found(await runCheck(watchdog, { deep: true }))["8"]).toBe("corrupt other-hands");
    const [heal] = await runHeal(watchdog, { by: "command", plan: false, confirm: false });
    expect(heal?.result).toMatchObject({ healed: 5, quarantined: 0, left: 0, written: 3, deleted: 2 });
    expect(found(await runCheck(watchdog, { deep: true }))).toEqual({});
  } finally {
    await writer.stop();
  }
  expect(writer.written()).toBeGreaterThan(1_000);
  await pipeline.expectIdentical();
}, 180_000);

test("rows whose events were skipped, refused or never came are told apart", async () => {
  await using pipeline = await testPipeline();
  const { sql, config } = pipeline;
  const sink = await pipeline.startSink();
  await sql`INSERT INTO transactions (booking_id) SELECT 'b' || n FROM generate_series(1, 500) n`;
  await sql`INSERT INTO transactions (booking_id, shipment_location_lat, shipment_location_long) VALUES ('refused', 200, 100)`;
  await waitForCount("documents", 60_000, () => countDocuments(config, "transactions"), 500);
  await sink.stop();
  await sql`INSERT INTO transactions (booking_id) VALUES ('skipped')`;
  await sql`UPDATE transactions SET quantity = 2 WHERE id = 3`;
  await sql`DELETE FROM transactions WHERE id = 4`;
  await using watchdog = await openWatchdog(pipeline, { watchdogFenceSeconds: 3 });
  const behind = await runCheck(watchdog, { deep: false });
  expect(behind.blocked).toMatchObject({ stage: "sink", distance: { unit: "messages" } });
  expect(behind.tables).toEqual({});
  await skipToEnd(pipeline, "transactions");
  await pipeline.startSink();
  expect(found(await runCheck(watchdog, { deep: false }), "transactions")).toEqual({
    "3": "stale not-indexed",
    "4": "ghost not-indexed",
    "501": "missing dead-letter",
    "502": "missing not-indexed",
  });
  const [heal] = await runHeal(watchdog, { by: "command", plan: false, confirm: false });
  expect(heal?.result).toMatchObject({ healed: 3, quarantined: 1, left: 0 });
  const [standing] = await readStanding(watchdog.sql, "transactions");
  expect(standing).toMatchObject({ documentId: "501", state: "quarantined", cause: "dead-letter" });
  expect(standing?.detail).toContain("document_parsing_exception");
  await sql`UPDATE transactions SET shipment_location_lat = 2 WHERE id = 501`;
  await pipeline.expectIdentical();
  expect((await runCheck(watchdog, { deep: false })).identical).toBe(true);
  expect(await readStanding(watchdog.sql, "transactions")).toEqual([]);
}, 180_000);
