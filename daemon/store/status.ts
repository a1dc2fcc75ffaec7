import type { Postgres } from "../../src/postgres.ts";

/** Where a table stands; times as PostgreSQL prints them, null where it has not happened. */
export type TableStatus = {
  readonly table: string;
  /** The fence behind which the recent window and every touched bucket were last found clean. */
  readonly verifiedThrough: { readonly at: string | null; readonly lsn: string | null };
  /** The fence of the bucket that was verified longest ago; null until a scrub has been through. */
  readonly leastRecent: { readonly at: string | null; readonly lsn: string | null };
  /** Share of the table's rows that are in verified buckets, 0 to 1. */
  readonly coverage: number;
  readonly touched: number;
  readonly divergences: Readonly<Record<string, number>>;
  readonly quarantined: number;
  readonly hold: { readonly since: string; readonly reason: string } | null;
  readonly lastRun: Readonly<Record<string, unknown>> | null;
};

export async function readStatus(sql: Postgres, table: string): Promise<TableStatus> {
  const [state] = await sql`SELECT * FROM watchdog.tables WHERE table_name = ${table}`;
  const [oldest] = await sql`
    SELECT verified_at, verified_lsn::text FROM watchdog.buckets WHERE table_name = ${table} ORDER BY verified_at LIMIT 1`;
  const [share] = await sql<{ coverage: number }[]>`
    SELECT CASE WHEN estimate = 0 THEN 1 ELSE least(1, verified / estimate) END::float8 AS coverage FROM (
      SELECT coalesce((SELECT sum(row_count) FROM watchdog.buckets WHERE table_name = ${table}), 0) AS verified,
             greatest(pg_stat_get_live_tuples(${`public.${table}`}::regclass), 0)::numeric AS estimate) sums`;
  const [touched] = await sql`SELECT count(*)::int AS count FROM watchdog.touched WHERE table_name = ${table}`;
  const standing = await sql<{ verdict: string; state: string; count: number }[]>`
    SELECT verdict, state, count(*)::int AS count FROM watchdog.divergences
    WHERE table_name = ${table} AND state IN ('open', 'emitted', 'quarantined') GROUP BY 1, 2`;
  const [run] = await sql`
    SELECT kind, outcome, finished_at, fence_waits, postgres_rows::int, elasticsearch_documents::int, postgres_latest, elasticsearch_latest
    FROM watchdog.runs WHERE table_name = ${table} AND kind = 'recent' ORDER BY id DESC LIMIT 1`;
  const divergences: Record<string, number> = {};
  for (const { verdict, count } of standing) divergences[verdict] = (divergences[verdict] ?? 0) + count;
  const scrubbed = state?.scrub_cycle_finished_at != null;
  return {
    table,
    verifiedThrough: { at: state?.recent_verified_at ?? null, lsn: state?.recent_verified_lsn ?? null },
    leastRecent: scrubbed
      ? { at: oldest?.verified_at ?? null, lsn: oldest?.verified_lsn ?? null }
      : { at: null, lsn: null },
    coverage: share?.coverage ?? 0,
    touched: touched?.count ?? 0,
    divergences,
    quarantined: standing.filter((one) => one.state === "quarantined").reduce((sum, one) => sum + one.count, 0),
    hold: state?.hold_since ? { since: state.hold_since, reason: state.hold_reason } : null,
    lastRun: run ? { ...run, fence_waits: run.fence_waits && JSON.parse(run.fence_waits) } : null,
  };
}
