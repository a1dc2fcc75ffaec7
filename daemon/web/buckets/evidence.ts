import type { Config } from "../../../src/config.ts";
import type { Postgres } from "../../../src/postgres.ts";
import type { Table } from "../../../src/tables.ts";
import { timestampOf } from "../../store/time.ts";
import type { BucketEvidence, BucketState, DivergenceView } from "../api.ts";
import { isoOf } from "../iso.ts";
import { bucketState } from "./state.ts";

/** Buckets, and divergences, that one answer holds at most: the newest. */
const LISTED = 1_000;

type BucketRow = {
  bucket_start: string;
  row_count: string | null;
  digest_sum: string | null;
  verified_at: string | null;
  verified_lsn: string | null;
  verified: number;
  unverified: number;
  touched: number;
  emitted: number;
  waiting: number;
};

type DivergenceRow = {
  document_id: string;
  bucket_start: string | null;
  verdict: DivergenceView["verdict"];
  cause: string;
  detail: string;
  postgres_digest: string | null;
  document_digest: string | null;
  document_version: string | null;
  fence_lsn: string;
  found_at: string;
  state: DivergenceView["state"];
  attempts: number;
  closed_at: string | null;
};

/** What the watchdog knows of a table's buckets between two times, and of the rows that differ or differed in them. */
export async function readEvidence(
  sql: Postgres,
  config: Pick<Config, "watchdogBucketSeconds">,
  table: Table,
  fromMs: number,
  toMs: number,
): Promise<BucketEvidence> {
  const widthMs = config.watchdogBucketSeconds * 1000;
  const [from, to] = [timestampOf(Math.floor(fromMs / widthMs) * widthMs), timestampOf(toMs)];
  const [buckets, divergences] = await Promise.all([
    readBuckets(sql, table, from, to),
    readDivergences(sql, table, from, to),
  ]);
  const views = buckets.map((row) => ({
    start: isoOf(row.bucket_start) ?? "",
    state: bucketState(row) ?? "unverified",
    rows: Number(row.row_count ?? 0),
    digestSum: row.digest_sum ?? "0",
    verifiedAt: isoOf(row.verified_at),
    verifiedLsn: row.verified_lsn,
  }));
  return {
    table: table.name,
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    state: worst(views.map(({ state }) => state)),
    buckets: views,
    divergences: divergences.map(viewOf),
  };
}

const WORST_FIRST: readonly BucketState[] = ["diverged", "healing", "in-flight", "unverified", "verified"];

/** Of no bucket nothing was ever compared. */
function worst(states: readonly BucketState[]): BucketState {
  return WORST_FIRST.find((state) => states.includes(state)) ?? "unverified";
}

async function readBuckets(sql: Postgres, table: Table, from: string, to: string): Promise<readonly BucketRow[]> {
  const inside = sql`table_name = ${table.name} AND bucket_start >= ${from} AND bucket_start < ${to}`;
  return sql<BucketRow[]>`
    WITH verified AS (SELECT * FROM watchdog.buckets WHERE ${inside}),
    touched AS (SELECT bucket_start FROM watchdog.touched WHERE ${inside}),
    differing AS (
      SELECT bucket_start, count(*) FILTER (WHERE state = 'emitted') AS emitted,
        count(*) FILTER (WHERE state <> 'emitted') AS waiting
      FROM watchdog.divergences WHERE ${inside} AND state IN ('open', 'emitted', 'quarantined') GROUP BY 1
    )
    SELECT bucket_start, row_count, digest_sum::text, verified_at, verified_lsn::text,
      (v.verified_at IS NOT NULL)::int AS verified, 0 AS unverified, (t.bucket_start IS NOT NULL)::int AS touched,
      coalesce(emitted, 0)::int AS emitted, coalesce(waiting, 0)::int AS waiting
    FROM verified v FULL JOIN touched t USING (bucket_start) FULL JOIN differing d USING (bucket_start)
    ORDER BY bucket_start DESC LIMIT ${LISTED}`;
}

/** Also those in no bucket, where the interval is all of time. */
async function readDivergences(
  sql: Postgres,
  table: Table,
  from: string,
  to: string,
): Promise<readonly DivergenceRow[]> {
  return sql<DivergenceRow[]>`
    SELECT document_id, bucket_start, verdict, cause, detail, postgres_digest, document_digest, document_version,
      fence_lsn::text, found_at, state, attempts, closed_at
    FROM watchdog.divergences
    WHERE table_name = ${table.name} AND (bucket_start >= ${from} AND bucket_start < ${to}
      OR bucket_start = '-infinity' AND ${from}::text::timestamptz <= 'epoch')
    ORDER BY id DESC LIMIT ${LISTED}`;
}

function viewOf(row: DivergenceRow): DivergenceView {
  const number = (text: string | null) => (text === null ? null : Number(text));
  return {
    key: row.document_id,
    bucket: isoOf(row.bucket_start),
    verdict: row.verdict,
    cause: row.cause,
    detail: row.detail,
    postgresDigest: number(row.postgres_digest),
    documentDigest: number(row.document_digest),
    documentVersion: number(row.document_version),
    fenceLsn: row.fence_lsn,
    foundAt: isoOf(row.found_at) ?? "",
    state: row.state,
    attempts: row.attempts,
    closedAt: isoOf(row.closed_at),
  };
}
