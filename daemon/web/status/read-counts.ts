import type { Postgres } from "../../../src/postgres.ts";

/** Above so many rows an estimate does: counting them would cost PostgreSQL more than looking is worth. */
const COUNTED_ROWS = 5_000_000;

/** Rows of a table, and those in verified buckets. */
export async function readRows(sql: Postgres, table: string): Promise<{ rows: number; verified: number }> {
  const [estimate] = await sql<{ live: string; verified: string }[]>`
    SELECT greatest(pg_stat_get_live_tuples(${`public.${table}`}::regclass), 0) AS live,
      (SELECT coalesce(sum(row_count), 0) FROM watchdog.buckets WHERE table_name = ${table}) AS verified`;
  const verified = Number(estimate?.verified ?? 0);
  const live = Number(estimate?.live ?? 0);
  if (live > COUNTED_ROWS) return { rows: live, verified };
  const [counted] = await sql<{ rows: string }[]>`SELECT count(*) AS rows FROM public.${sql(table)}`;
  return { rows: Number(counted?.rows ?? 0), verified };
}
