import { formatLsn } from "../../src/lsn.ts";
import type { Postgres } from "../../src/postgres.ts";
import type { BucketResult } from "../compare/compare.ts";
import type { Fence } from "../compare/fence.ts";
import type { Interval } from "../compare/region.ts";
import { msOfTimestamp, timestampOf } from "./time.ts";

const PAGE = 5_000;

/**
 * Keeps the buckets of an interval, of whole buckets, that were found clean behind a fence, takes their touched marks away as far as the
 * fence saw them, and forgets buckets that hold nothing any more. Those that are in `dirty` keep what was known of them.
 */
export async function recordBuckets(
  sql: Postgres,
  table: string,
  interval: Interval | "outside",
  buckets: readonly BucketResult[],
  dirty: ReadonlySet<number | null>,
  fence: Fence,
  widthMs: number,
): Promise<void> {
  const isWithin = ({ startMs }: BucketResult) =>
    interval === "outside" || (startMs !== null && startMs >= interval.fromMs && startMs < interval.toMs);
  const clean = buckets.filter((bucket) => isWithin(bucket) && !dirty.has(bucket.startMs));
  const [lsn, at] = [formatLsn(fence.lsn), timestampOf(fence.atMs)];
  const starts = clean.map((bucket) => timestampOf(bucket.startMs));
  const kept = buckets.map((bucket) => timestampOf(bucket.startMs));
  const from = interval === "outside" ? "-infinity" : timestampOf(interval.fromMs);
  const to = interval === "outside" ? timestampOf(0) : timestampOf(interval.toMs);
  const dirtyStarts = [...dirty].map(timestampOf);
  await sql.begin(async (transaction) => {
    for (let start = 0; start < clean.length; start += PAGE) {
      const page = clean.slice(start, start + PAGE);
      await transaction`
        INSERT INTO watchdog.buckets (table_name, bucket_start, width_seconds, row_count, latest, digest_sum,
          verified_lsn, verified_at)
        SELECT ${table}, started, ${widthMs / 1000}, row_count, latest, digest_sum, ${lsn}, ${at}
        FROM unnest(${starts.slice(start, start + PAGE)}::text[]::timestamptz[],
          ${page.map((bucket) => bucket.postgres.count)}::bigint[],
          ${page.map(({ postgres }) => (postgres.latestMs === null ? null : timestampOf(postgres.latestMs)))}::text[]::timestamptz[],
          ${page.map((bucket) => bucket.postgres.digests)}::numeric[]) AS found(started, row_count, latest, digest_sum)
        ON CONFLICT (table_name, bucket_start) DO UPDATE SET width_seconds = excluded.width_seconds,
          row_count = excluded.row_count, latest = excluded.latest, digest_sum = excluded.digest_sum,
          verified_lsn = excluded.verified_lsn, verified_at = excluded.verified_at`;
    }
    await transaction`
      DELETE FROM watchdog.buckets b WHERE table_name = ${table} AND bucket_start >= ${from} AND bucket_start < ${to}
        AND NOT EXISTS (SELECT FROM unnest(${kept}::text[]::timestamptz[]) one WHERE one = b.bucket_start)`;
    await transaction`
      DELETE FROM watchdog.touched t WHERE table_name = ${table} AND bucket_start >= ${from} AND bucket_start < ${to}
        AND touched_lsn <= ${lsn}
        AND NOT EXISTS (SELECT FROM unnest(${dirtyStarts}::text[]::timestamptz[]) one WHERE one = t.bucket_start)`;
  });
}

/** Buckets with changes since they were last found clean; null stands for the rows outside of all buckets. */
export async function readTouched(sql: Postgres, table: string): Promise<readonly (number | null)[]> {
  const rows = await sql<{ bucket_start: string }[]>`
    SELECT bucket_start FROM watchdog.touched WHERE table_name = ${table} ORDER BY bucket_start`;
  return rows.map((row) => msOfTimestamp(row.bucket_start));
}

/** Marks buckets as touched by changes up to an LSN. */
export async function recordTouched(
  sql: Postgres,
  table: string,
  touched: ReadonlyMap<number | null, number>,
): Promise<void> {
  if (touched.size === 0) return;
  await sql`
    INSERT INTO watchdog.touched AS t (table_name, bucket_start, touched_lsn)
    SELECT ${table}, started, lsn FROM unnest(${[...touched.keys()].map(timestampOf)}::text[]::timestamptz[],
      ${[...touched.values()].map(formatLsn)}::text[]::pg_lsn[]) AS seen(started, lsn)
    ON CONFLICT (table_name, bucket_start) DO UPDATE SET touched_lsn = greatest(t.touched_lsn, excluded.touched_lsn)`;
}
