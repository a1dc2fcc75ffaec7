import { formatLsn } from "../../src/lsn.ts";
import type { Postgres } from "../../src/postgres.ts";
import type { BlockedFence, Fence } from "../compare/fence.ts";
import type { Sum } from "../compare/region.ts";
import { timestampOf } from "./time.ts";

export type RunKind = "recent" | "scrub" | "check";
export type Outcome = "clean" | "diverged" | "unsettled" | "fence-not-passed";

/** One look at one table, as it is kept. */
export type Run = {
  readonly kind: RunKind;
  readonly table: string;
  readonly startedAtMs: number;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly outcome: Outcome;
  readonly fence?: Fence;
  readonly blocked?: BlockedFence;
  readonly postgres: Sum;
  readonly elasticsearch: Sum;
  readonly buckets: number;
  readonly differing: number;
  readonly divergences: number;
  readonly unsettled: number;
};

const KEPT_PER_TABLE = 5_000;

/** Keeps a run, and of each table and kind the last 5,000. */
export async function recordRun(sql: Postgres, run: Run): Promise<void> {
  const latest = ({ latestMs }: Sum) => (latestMs === null ? null : timestampOf(latestMs));
  const waits = run.fence?.waits ?? (run.blocked && { [run.blocked.stage]: run.blocked.waitedMs });
  const [row] = await sql<{ id: string }[]>`
    INSERT INTO watchdog.runs (kind, table_name, started_at, interval_from, interval_to, outcome, fence_lsn, fence_at,
      fence_waits, postgres_rows, elasticsearch_documents, postgres_latest, elasticsearch_latest, buckets, differing,
      divergences, unsettled)
    VALUES (${run.kind}, ${run.table}, ${timestampOf(run.startedAtMs)}, ${timestampOf(run.fromMs)},
      ${timestampOf(run.toMs)}, ${run.outcome}, ${run.fence ? formatLsn(run.fence.lsn) : null},
      ${run.fence ? timestampOf(run.fence.atMs) : null}, ${waits ? JSON.stringify(waits) : null}::text::jsonb,
      ${run.postgres.count}, ${run.elasticsearch.count}, ${latest(run.postgres)}, ${latest(run.elasticsearch)},
      ${run.buckets}, ${run.differing}, ${run.divergences}, ${run.unsettled})
    RETURNING id`;
  const id = Number(row?.id ?? 0);
  if (id % 100 !== 0) return;
  await sql`
    DELETE FROM watchdog.runs WHERE table_name = ${run.table} AND kind = ${run.kind} AND id < (
      SELECT min(id) FROM (
        SELECT id FROM watchdog.runs WHERE table_name = ${run.table} AND kind = ${run.kind}
        ORDER BY id DESC LIMIT ${KEPT_PER_TABLE}) kept)`;
}
