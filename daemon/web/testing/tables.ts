import type { Counts, TableTruth } from "../status/truth.ts";
import type { Judged } from "../status/verdict.ts";

/** A moment for tests. */
export const NOW = Date.UTC(2026, 10, 24, 12, 31, 9);

/** A table that is exact up to two seconds ago, but for what is given. */
export function table(name: string, differs: Partial<TableTruth> = {}): TableTruth {
  return {
    table: name,
    verifiedAtMs: NOW - 2_000,
    verifiedLsn: "0/16B3748",
    everyBucketSinceMs: NOW - 60_000,
    hold: null,
    divergences: { missing: 0, stale: 0, corrupt: 0, ghost: 0 },
    open: 0,
    emitted: 0,
    quarantined: 0,
    healed: 0,
    fromMs: null,
    toMs: null,
    ...differs,
  };
}

/** What is judged of tables of 10,000 rows, all verified. */
export function judged(tables: readonly TableTruth[], differs: Partial<Judged> = {}): Judged {
  const whole: Counts = { rows: 10_000, documents: 10_000, verified: 10_000 };
  return {
    tables,
    counts: new Map(tables.map((one) => [one.table, whole])),
    fence: { atMs: NOW - 2_000, passed: true, waits: {}, stage: null, distance: null },
    away: null,
    healMode: "heal",
    everyMs: 30_000,
    ...differs,
  };
}
