import { beforeAll, expect, test } from "bun:test";
import { runCheck } from "../../daemon/run/check.ts";
import { runHeal } from "../../daemon/run/heal.ts";
import { createPipeline, type Pipeline } from "../pipeline.ts";
import { STACK_TIMEOUT_MS, testEndpoints, testStack } from "./fixture.ts";
import { openWatchdog, startWriter } from "./watchdog.ts";

beforeAll(async () => {
  await testStack();
}, STACK_TIMEOUT_MS);

/** A request to Elasticsearch by other hands than the sink's. */
async function tamper(pipeline: Pipeline, method: string, path: string, body?: unknown): Promise<void> {
  const { elasticsearchUrl, indexPrefix } = pipeline.config;
  const response = await fetch(`${elasticsearchUrl}/${indexPrefix}${path}`, {
    method,
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`tampering: ${response.status} ${await response.text()}`);
}

const found = (result: Awaited<ReturnType<typeof runCheck>>, table = "clicks") =>
  Object.fromEntries(
    (result.tables[table]?.divergences ?? []).map(({ id, verdict, cause }) => [id, `${verdict} ${cause}`]),
  );

test("an untouched pipeline is identical, and an idle fence passes within 3 s", async () => {
  await using pipeline = await createPipeline(await testEndpoints());
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
  await using pipeline = await createPipeline(await testEndpoints());
  const { sql } = pipeline;
  await pipeline.startSink();
  await sql`INSERT INTO clicks (session_id, search_keywords, created_at) SELECT 's' || n, 'shoe', now() - n * interval '1 second' FROM generate_series(1, 5000) n`;
  await pipeline.expectIdentical();
  const writer = startWriter(pipeline, 500);
  try {
    await tamper(pipeline, "DELETE", "clicks_index/_doc/7");
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
