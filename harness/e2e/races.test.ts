import { beforeAll, expect, test } from "bun:test";
import { runCheck } from "../../daemon/run/check.ts";
import { runHeal } from "../../daemon/run/heal.ts";
import { readStanding } from "../../daemon/store/divergences.ts";
import type { Pipeline } from "../pipeline.ts";
import { poll } from "../poll.ts";
import { STACK_TIMEOUT_MS, testPipeline, testStack } from "./fixture.ts";
import { deleteDocuments, rewindToStart } from "./tamper.ts";
import { openWatchdog } from "./watchdog.ts";

const TIMEOUT_MS = 180_000;
const request = { by: "command", plan: false, confirm: false } as const;

beforeAll(async () => {
  await testStack();
}, STACK_TIMEOUT_MS);

/** Ten products in PostgreSQL and Elasticsearch, of which number 7 is missing from Elasticsearch, and known to be. */
async function withMissingSeven(pipeline: Pipeline, watchdog: Parameters<typeof runCheck>[0]): Promise<void> {
  await pipeline.sql`INSERT INTO products (id, gender) SELECT n, 'old' FROM generate_series(1, 10) n`;
  await pipeline.expectIdentical();
  await deleteDocuments(pipeline, "products", [7]);
  const result = await runCheck(watchdog, { table: "products", deep: false });
  expect(result.tables.products?.divergences.map(({ id, verdict }) => [id, verdict])).toEqual([["7", "missing"]]);
}

async function gender(pipeline: Pipeline, id: number): Promise<string | undefined> {
  const { elasticsearchUrl, indexPrefix } = pipeline.config;
  const response = await fetch(`${elasticsearchUrl}/${indexPrefix}products_index/_doc/${id}`);
  return ((await response.json()) as { _source?: { gender: string } })._source?.gender;
}

test.each(["the newest transaction of all", "an older transaction"])(
  "an update that is not committed when the heal begins wins: by %s",
  async (which) => {
    await using pipeline = await testPipeline();
    await pipeline.startSink();
    await using watchdog = await openWatchdog(pipeline);
    await withMissingSeven(pipeline, watchdog);
    const writer = await pipeline.sql.reserve();
    await writer`BEGIN`;
    await writer`UPDATE products SET gender = 'new' WHERE id = 7`;
    if (which === "an older transaction") await pipeline.sql`INSERT INTO products (id) VALUES (11)`;
    const healing = runHeal(watchdog, { ...request, table: "products" });
    const early = await Promise.race([healing.then(() => "healed"), Bun.sleep(2_000).then(() => "waiting")]);
    expect(early).toBe("waiting");
    await writer`COMMIT`;
    writer.release();
    expect((await healing)[0]?.result).toMatchObject({ left: 0, blockers: [] });
    await pipeline.expectIdentical();
    expect(await gender(pipeline, 7)).toBe("new");
  },
  TIMEOUT_MS,
);

test(
  "an insert that waits on an uncommitted delete of its key wins over a heal of that key",
  async () => {
    await using pipeline = await testPipeline();
    await pipeline.startSink();
    await using watchdog = await openWatchdog(pipeline);
    await withMissingSeven(pipeline, watchdog);
    const [first, second] = [await pipeline.sql.reserve(), await pipeline.sql.reserve()];
    await first`BEGIN`;
    await first`DELETE FROM products WHERE id = 7`;
    await second`BEGIN`;
    const inserting = second`INSERT INTO products (id, gender) VALUES (7, 'again')`.execute();
    await poll("the insert to wait", 10_000, async () => {
      const waiting = await pipeline.sql`
        SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;
      return waiting.length > 0;
    });
    const healing = runHeal(watchdog, { ...request, table: "products" });
    await Bun.sleep(500);
    await first`COMMIT`;
    await inserting;
    await Bun.sleep(500);
    await second`COMMIT`;
    first.release();
    second.release();
    await healing;
    await pipeline.expectIdentical();
    expect(await gender(pipeline, 7)).toBe("again");
  },
  TIMEOUT_MS,
);

test(
  "a long transaction puts the heal off and is named by its pid",
  async () => {
    await using pipeline = await testPipeline();
    await pipeline.startSink();
    await using watchdog = await openWatchdog(pipeline, { healBarrierSeconds: 1 });
    await withMissingSeven(pipeline, watchdog);
    const long = await pipeline.sql.reserve();
    await long`BEGIN`;
    await long`INSERT INTO customers (customer_id) VALUES (1)`;
    const [own] = await long<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
    const [heal] = await runHeal(watchdog, { ...request, table: "products" });
    expect(heal?.result).toMatchObject({ written: 0, healed: 0, left: 1 });
    expect(heal?.result?.blockers.map((blocker) => blocker.pid)).toEqual([own?.pid ?? 0]);
    await long`COMMIT`;
    long.release();
    const [again] = await runHeal(watchdog, { ...request, table: "products" });
    expect(again?.result).toMatchObject({ healed: 1, left: 0 });
    await pipeline.expectIdentical();
  },
  TIMEOUT_MS,
);

test(
  "updates and deletes all through a heal win, row by row",
  async () => {
    await using pipeline = await testPipeline();
    const { sql } = pipeline;
    await pipeline.startSink();
    await sql`INSERT INTO products (id, gender) SELECT n, 'old' FROM generate_series(1, 4000) n`;
    await pipeline.expectIdentical();
    await deleteDocuments(
      pipeline,
      "products",
      Array.from({ length: 3_000 }, (_, index) => index + 1),
    );
    await using watchdog = await openWatchdog(pipeline, { healMaxPercent: 100 });
    const found = await runCheck(watchdog, { table: "products", deep: false });
    expect(found.tables.products?.divergences.length).toBe(3_000);
    const healing = runHeal(watchdog, { ...request, table: "products" });
    for (let round = 0; round < 30; round++) {
      await sql`UPDATE products SET gender = ${`round ${round}`} WHERE id % 30 = ${round}`;
      await sql`DELETE FROM products WHERE id % 100 = ${round}`;
      await sql`INSERT INTO products (id, gender) SELECT n, 'again' FROM generate_series(1, 4000) n WHERE n % 200 = ${round}`;
      await Bun.sleep(50);
    }
    const [heal] = await healing;
    expect(heal?.result?.quarantined).toBe(0);
    await pipeline.expectIdentical();
  },
  TIMEOUT_MS,
);

test(
  "a heal while the sink lags by 50,000 events is sent, confirmed later, and older than what follows it",
  async () => {
    await using pipeline = await testPipeline();
    const { sql } = pipeline;
    const sink = await pipeline.startSink();
    await using watchdog = await openWatchdog(pipeline, { watchdogFenceSeconds: 5 });
    await withMissingSeven(pipeline, watchdog);
    await sink.stop();
    await sql`INSERT INTO products (id) SELECT n FROM generate_series(100, 50100) n`;
    const [heal] = await runHeal(watchdog, { ...request, table: "products" });
    expect(heal?.result?.blocked?.stage).toBeOneOf(["slot", "sink"]);
    expect(heal?.result?.written).toBe(1);
    await sql`UPDATE products SET gender = 'new' WHERE id = 7`;
    await pipeline.startSink();
    await pipeline.expectIdentical(90_000);
    expect(await gender(pipeline, 7)).toBe("new");
    await runCheck(watchdog, { table: "products", deep: false });
    expect(await readStanding(watchdog.sql, "products")).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  "Elasticsearch forgets a delete by a restart, and the heal before it is redelivered: the delete wins",
  async () => {
    const stack = await testStack();
    await using pipeline = await testPipeline();
    const sink = await pipeline.startSink();
    await using watchdog = await openWatchdog(pipeline);
    await withMissingSeven(pipeline, watchdog);
    await runHeal(watchdog, { ...request, table: "products" });
    await pipeline.sql`DELETE FROM products WHERE id = 7`;
    await pipeline.expectIdentical();
    await sink.stop();
    await stack.server("elasticsearch").restart();
    await rewindToStart(pipeline, "products");
    await pipeline.startSink();
    const result = await runCheck(watchdog, { table: "products", deep: true });
    expect(result.identical).toBe(true);
    await pipeline.expectIdentical();
  },
  TIMEOUT_MS,
);
