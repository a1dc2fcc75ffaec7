import type { Config } from "../../../src/config.ts";
import type { Status } from "../api.ts";
import type { Away, Counts, LatestFence, TableTruth } from "./truth.ts";

/** What the sentence and the verdict are made of. */
export type Judged = {
  readonly tables: readonly TableTruth[];
  readonly counts: ReadonlyMap<string, Counts>;
  readonly fence: LatestFence | null;
  /** PostgreSQL; null where it answers. */
  readonly away: Away | null;
  readonly healMode: Config["healMode"];
  /** From one comparison to the next. */
  readonly everyMs: number;
};

/** Comparisons that did not come: so many turns, and never less than this long. */
const TURNS = 3;
const PATIENCE_MS = 20_000;

/** Differences of a table that nobody is healing: told only, held by a cap, or in quarantine. Pure. */
export function leftAlone(table: TableTruth, healMode: Config["healMode"]): number {
  return isHealed(table, healMode) ? table.quarantined : standing(table);
}

/** Differences of a table that are being healed, or are about to be. Pure. */
export function beingHealed(table: TableTruth, healMode: Config["healMode"]): number {
  return isHealed(table, healMode) ? table.open + table.emitted : 0;
}

function isHealed({ hold }: TableTruth, healMode: Config["healMode"]): boolean {
  return healMode === "heal" && hold === null;
}

export function standing({ open, emitted, quarantined }: TableTruth): number {
  return open + emitted + quarantined;
}

/** Up to when every table is exact, in milliseconds since 1970; null while one of them is not known. Pure. */
export function exactUpToMs(tables: readonly TableTruth[]): number | null {
  const times = tables.map(({ verifiedAtMs }) => verifiedAtMs);
  return times.length === 0 || times.includes(null) ? null : Math.min(...(times as number[]));
}

/** Why nothing has been compared for longer than it should be; null where comparisons go on. Pure. */
export function heldUp({ tables, fence, everyMs }: Judged, nowMs: number): "blocked" | "late" | null {
  const exactMs = exactUpToMs(tables);
  if (fence !== null && !fence.passed) return "blocked";
  if (exactMs !== null && nowMs - exactMs > Math.max(PATIENCE_MS, TURNS * everyMs)) return "late";
  return null;
}

/** Whether every row has been compared at least once. Pure. */
export function isComplete(tables: readonly TableTruth[], counts: ReadonlyMap<string, Counts>): boolean {
  return tables.every(({ table, everyBucketSinceMs }) => everyBucketSinceMs !== null || counts.get(table)?.rows === 0);
}

/** One word for all tables; pure. */
export function verdictOf(judged: Judged, nowMs: number): Status["verdict"] {
  const { tables, counts, healMode, away } = judged;
  if (away !== null) return "unknown";
  if (tables.some((table) => leftAlone(table, healMode) > 0)) return "diverged";
  if (tables.some((table) => beingHealed(table, healMode) > 0)) return "healing";
  if (exactUpToMs(tables) === null || !isComplete(tables, counts) || heldUp(judged, nowMs) !== null) return "unknown";
  return "exact";
}
