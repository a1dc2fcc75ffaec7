import { type BlockedFence, type Fence, passFence } from "../compare/fence.ts";
import { bucketStart, type Interval, joinBuckets } from "../compare/region.ts";
import { type Context, readTables } from "../context.ts";
import { readTouched } from "../store/buckets.ts";
import { readTableState, recordRecentVerified } from "../store/tables.ts";
import { type Examination, examine } from "./examine.ts";
import { pieces } from "./pieces.ts";

/** Waits until the tracker has seen the stream up to a fence; messages still to come, else 0. */
export type ReachTouched = (fence: Fence) => Promise<bigint>;

export type RecentResult = {
  readonly examinations: readonly Examination[];
  readonly fence?: Fence;
  readonly blocked?: BlockedFence;
};

/**
 * Compares, of every table, the recent window and the buckets that changes touched since they were last found clean,
 * and looks again at every divergence that stands. One fence serves all tables.
 */
export async function runRecent(context: Context, reachTouched: ReachTouched): Promise<RecentResult> {
  const { config, sql, log } = context;
  const widthMs = config.watchdogBucketSeconds * 1000;
  const tables = await readTables(context);
  const fence = await passFence(context, config.watchdogFenceSeconds * 1000);
  if (!fence.passed) return { examinations: [], blocked: fence };
  const untracked = await reachTouched(fence);
  if (untracked > 0n) log.warn("the stream was not followed to the fence", { messages: Number(untracked) });
  const examinations: Examination[] = [];
  for (const table of tables) {
    const state = await readTableState(sql, table.name);
    const window = recentWindow(fence.atMs, state.recentVerifiedAtMs, config.watchdogRecentSeconds * 1000, widthMs);
    const touched = await readTouched(sql, table.name);
    const own: Examination[] = [];
    for (const interval of [...touchedIntervals(touched, window, widthMs), window]) {
      for await (const piece of pieces(context, table, interval)) {
        // What stands is looked at once, with the last piece of all.
        const standing = piece.toMs === window.toMs;
        own.push(await examine(context, table, piece, fence, { kind: "recent", standing }));
      }
    }
    if (touched.includes(null)) own.push(await examine(context, table, "outside", fence, { kind: "recent" }));
    const clean = own.every(({ outcome }) => outcome === "clean");
    if (clean && untracked === 0n && !context.signal.aborted) await recordRecentVerified(sql, table.name, fence);
    examinations.push(...own);
  }
  return { examinations, fence };
}

/**
 * From the fence back: the window's length, or to just before the table was last found clean where that is longer ago
 * (after an outage nothing is left out). Pure.
 */
export function recentWindow(
  fenceAtMs: number,
  verifiedAtMs: number | null,
  lengthMs: number,
  widthMs: number,
): Interval {
  const from = Math.min(fenceAtMs - lengthMs, (verifiedAtMs ?? fenceAtMs) - lengthMs);
  return { fromMs: Math.max(0, bucketStart(from, widthMs)), toMs: fenceAtMs };
}

/** Touched buckets that the window does not hold whole; the one in which the fence lies is left to the window. Pure. */
export function touchedIntervals(
  touched: readonly (number | null)[],
  window: Interval,
  widthMs: number,
): readonly Interval[] {
  const outside = touched.filter(
    (start): start is number => start !== null && (start < window.fromMs || start > window.toMs),
  );
  return joinBuckets(outside, widthMs);
}
