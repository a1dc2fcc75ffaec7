import type { BlockedFence } from "../compare/fence.ts";
import { passFence } from "../compare/fence.ts";
import { pieceEnd } from "../compare/postgres-side.ts";
import { ALL_TIME } from "../compare/region.ts";
import { type Context, readTables } from "../context.ts";
import { readTableState, recordScrubPosition } from "../store/tables.ts";
import { type Examination, examine } from "./examine.ts";

export type ScrubResult = { readonly examinations: readonly Examination[]; readonly blocked?: BlockedFence };

/** Rows that one statement covers at most, beyond one bucket. */
const PIECE_ROWS = 200_000;

/**
 * Compares the next pieces of every table, about `rows` rows in all, and keeps its place: after the last rows a cycle
 * looks at those outside of all buckets, and the next begins. Damage of any cause and age is found within a cycle.
 */
export async function runScrub(context: Context, rows: number): Promise<ScrubResult> {
  const { config, sql } = context;
  const widthMs = config.watchdogBucketSeconds * 1000;
  const tables = await readTables(context);
  const fence = await passFence(context, config.watchdogFenceSeconds * 1000);
  if (!fence.passed) return { examinations: [], blocked: fence };
  const examinations: Examination[] = [];
  const share = Math.ceil(rows / tables.length);
  let spare = 0;
  for (const table of tables) {
    // What one table does not need, the next may use.
    let budget = share + spare;
    while (budget > 0 && !context.signal.aborted) {
      const fromMs = (await readTableState(sql, table.name)).scrubPositionMs ?? ALL_TIME.fromMs;
      // Rows that come while the comparison runs are a piece of their own, of those only.
      const interval = { fromMs, toMs: fromMs < fence.atMs ? fence.atMs : ALL_TIME.toMs };
      const toMs = await pieceEnd(sql, table, interval, Math.min(budget, PIECE_ROWS), widthMs);
      const last = toMs >= ALL_TIME.toMs;
      const found = await examine(context, table, { fromMs, toMs }, fence, { kind: "scrub" });
      examinations.push(found);
      budget -= Math.max(1, found.postgres.count);
      if (last) examinations.push(await examine(context, table, "outside", fence, { kind: "scrub" }));
      await recordScrubPosition(sql, table.name, last ? null : toMs);
      if (last) break;
    }
    spare = Math.max(0, budget);
  }
  return { examinations };
}
