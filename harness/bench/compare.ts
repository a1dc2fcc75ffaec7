import type { Context } from "../../daemon/context.ts";
import { runCheck } from "../../daemon/run/check.ts";
import { runRecent } from "../../daemon/run/recent.ts";
import { readCatalog } from "../../src/catalog.ts";
import { digestSql } from "../../src/digest.ts";
import { peakMegabytes, startDaemon } from "../e2e/daemon.ts";
import { countDocuments } from "../e2e/fixture.ts";
import { deleteDocuments } from "../e2e/tamper.ts";
import { openWatchdog } from "../e2e/watchdog.ts";
import { createPipeline, type Pipeline } from "../pipeline.ts";
import { poll } from "../poll.ts";
import type { Endpoints } from "../stack/stack.ts";

const ARRIVAL_MS = 10 * 60_000;
const RECENT_ROWS = 1_000;
const SMALL = 100_000;
const LARGE = 1_000_000;
const REPEATS = 7;
const SCRUB_RATE = 100_000;

/**
 * A clean full comparison against PostgreSQL's own sum of the same digests, a recent-window check on a small and on a
 * large table, and how long one bad row in the middle stays unfound by a scrub.
 */
export async function benchCompare(endpoints: Endpoints) {
  await using pipeline = await createPipeline(endpoints);
  await pipeline.startSink();
  await using watchdog = await openWatchdog(pipeline);
  await insertSpread(pipeline, 0, RECENT_ROWS, "10 minutes");
  await insertSpread(pipeline, RECENT_ROWS, SMALL, "10 days");
  const small = await medianOfRecent(watchdog);
  await insertSpread(pipeline, SMALL, LARGE, "10 days");
  const large = await medianOfRecent(watchdog);
  await pipeline.sql`VACUUM ANALYZE clicks`;
  const [sumSeconds, checkSeconds] = [await secondsToSum(pipeline), await secondsToCheck(watchdog, true)];
  await deleteDocuments(pipeline, "clicks", [LARGE / 2]);
  const findSeconds = await secondsToCheck(watchdog, false);
  await pipeline.sql`DELETE FROM watchdog.divergences`;
  return {
    rows: LARGE,
    rowsPerSecond: Math.round(LARGE / checkSeconds),
    postgresSumRowsPerSecond: Math.round(LARGE / sumSeconds),
    ratio: Math.round((sumSeconds / checkSeconds) * 100) / 100,
    checkAndFindOneSeconds: round(findSeconds),
    recentMs: { [SMALL]: round(small), [LARGE]: round(large), ratio: round(large / small) },
    scrub: await scrubUntilHealed(pipeline),
  };
}

/** Clicks from a number on up to another, evenly spread over a time that ends now, or where the recent ones begin. */
async function insertSpread(pipeline: Pipeline, from: number, to: number, over: string): Promise<void> {
  const end = from === 0 ? "0" : "30 minutes";
  for (let start = from; start < to; start += 5_000) {
    await pipeline.sql`
      INSERT INTO clicks (session_id, event_name, event_id, traffic_source, product_id, quantity, item_price, payment_status, created_at)
      SELECT gen_random_uuid(), 'ADD_TO_CART', gen_random_uuid(), 'MOBILE', n, 1 + n % 3, n * 1.5, 'Success',
        now() - ${end}::text::interval - ${over}::text::interval * (n - ${from}::int) / ${to - from}::int
      FROM generate_series(${start}::int, ${Math.min(start + 5_000, to) - 1}::int) n`;
  }
  await poll(`${to} documents`, ARRIVAL_MS, async () => (await countDocuments(pipeline.config, "clicks")) >= to);
}

/** Milliseconds of the comparison itself, without the fence, which waits for the stream however large the table is. */
async function medianOfRecent(watchdog: Context): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < REPEATS; run++) {
    const begun = performance.now();
    const { examinations, fence } = await runRecent(watchdog, async () => 0n);
    if (fence === undefined || examinations.some(({ outcome }) => outcome !== "clean")) {
      throw new Error("a recent run of an untouched pipeline was not clean");
    }
    const { slot, sink, elasticsearch } = fence.waits;
    times.push(performance.now() - begun - slot - sink - elasticsearch);
  }
  return times.sort((a, b) => a - b)[Math.floor(REPEATS / 2)] ?? 0;
}

async function secondsToCheck(watchdog: Context, identical: boolean): Promise<number> {
  const begun = performance.now();
  const result = await runCheck(watchdog, { table: "clicks", deep: false });
  if (result.identical !== identical) throw new Error(`expected identical to be ${identical}`);
  return (performance.now() - begun) / 1000;
}

async function secondsToSum(pipeline: Pipeline): Promise<number> {
  const [table] = await readCatalog(
    pipeline.sql,
    pipeline.tables.filter(({ name }) => name === "clicks"),
  );
  if (table === undefined) throw new Error("no clicks");
  const begun = performance.now();
  await pipeline.sql.unsafe(`SELECT sum(${digestSql(table)}) FROM clicks t`);
  return (performance.now() - begun) / 1000;
}

/** One bad row in the middle, under the always-on daemon: only its scrub can find it. */
async function scrubUntilHealed(pipeline: Pipeline) {
  const { sql, config } = pipeline;
  const id = String(LARGE / 2);
  const overrides = { watchdogScrubRate: SCRUB_RATE, watchdogRecentCron: "*/30 * * * * *" };
  await using daemon = startDaemon(config, overrides);
  await poll("a first scrub to be through and clean", ARRIVAL_MS, async () => {
    const [table] = await sql`
      SELECT scrub_cycle_finished_at IS NOT NULL AND NOT EXISTS (SELECT FROM watchdog.touched)
        AND NOT EXISTS (SELECT FROM watchdog.divergences WHERE state NOT IN ('healed', 'gone')) AS through
      FROM watchdog.tables WHERE table_name = 'clicks'`;
    return table?.through ?? false;
  });
  await sql`DELETE FROM watchdog.divergences`;
  await deleteDocuments(pipeline, "clicks", [id]);
  const begun = performance.now();
  const state = async (states: readonly string[]) =>
    poll(`the row to be ${states[0]}`, ARRIVAL_MS, async () => {
      const [row] = await sql`
        SELECT verdict, cause FROM watchdog.divergences WHERE document_id = ${id} AND state = ANY(${states as string[]})`;
      return row ?? false;
    });
  const found = await state(["open", "emitted", "healed"]);
  const foundSeconds = (performance.now() - begun) / 1000;
  await state(["healed"]);
  return {
    rowsPerSecond: SCRUB_RATE,
    found: `${found.verdict} ${found.cause}`,
    foundSeconds: round(foundSeconds),
    healedSeconds: round((performance.now() - begun) / 1000),
    peakMegabytes: peakMegabytes(daemon.pid),
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
