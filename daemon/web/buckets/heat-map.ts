import type { Config } from "../../../src/config.ts";
import type { Postgres } from "../../../src/postgres.ts";
import type { Table } from "../../../src/tables.ts";
import { timestampOf } from "../../store/time.ts";
import type { Buckets, Cell } from "../api.ts";
import type { Columns } from "./columns.ts";
import { bucketState } from "./state.ts";

type Row = {
  table_name: string;
  place: number;
  rows: string;
  verified: number;
  unverified: number;
  touched: number;
  emitted: number;
  waiting: number;
};

/** Changed buckets, and buckets never compared, whose rows are counted: the newest. */
const COUNTED = 500;

/** The state of every bucket of an interval, of all tables, in columns. */
export async function readHeatMap(
  sql: Postgres,
  config: Pick<Config, "watchdogBucketSeconds">,
  tables: readonly Table[],
  columns: Columns,
): Promise<Buckets> {
  const found = await Promise.all(tables.map((table) => readColumns(sql, config, table, columns)));
  return {
    from: new Date(columns.fromMs).toISOString(),
    to: new Date(columns.toMs).toISOString(),
    columnMs: columns.columnMs,
    tables: tables.map(({ name }, at) => ({
      table: name,
      cells: (found[at] ?? []).flatMap((row) => cellOf(row, columns)),
    })),
  };
}

/**
 * What the store knows of a table's buckets. Rows of buckets that changed are counted anew; until the scrub has been
 * through once, there may be rows in buckets that it knows nothing of, which are counted too.
 */
async function readColumns(
  sql: Postgres,
  { watchdogBucketSeconds: width }: Pick<Config, "watchdogBucketSeconds">,
  table: Table,
  { fromMs, toMs, columnMs }: Columns,
): Promise<readonly Row[]> {
  const [from, to] = [timestampOf(fromMs), timestampOf(toMs)];
  const time = sql(table.timeColumn);
  const seconds = sql`make_interval(secs => ${width}::int)`;
  return sql<Row[]>`
    WITH verified AS (
      SELECT bucket_start, row_count FROM watchdog.buckets
      WHERE table_name = ${table.name} AND bucket_start >= ${from} AND bucket_start < ${to}
    ), touched AS (
      SELECT bucket_start FROM watchdog.touched
      WHERE table_name = ${table.name} AND bucket_start >= ${from} AND bucket_start < ${to}
    ), changed AS (
      SELECT bucket_start, (SELECT count(*) FROM public.${sql(table.name)}
        WHERE ${time} >= bucket_start AND ${time} < bucket_start + ${seconds}) AS row_count
      FROM (SELECT bucket_start FROM touched ORDER BY bucket_start DESC LIMIT ${COUNTED}) newest
    ), unverified AS (
      SELECT date_bin(${seconds}, ${time}, 'epoch') AS bucket_start, count(*) AS row_count
      FROM public.${sql(table.name)}
      WHERE ${time} >= ${from} AND ${time} < ${to}
        AND NOT EXISTS (SELECT FROM watchdog.tables WHERE table_name = ${table.name} AND scrub_cycle_finished_at IS NOT NULL)
      GROUP BY 1
    ), differing AS (
      SELECT bucket_start, count(*) FILTER (WHERE state = 'emitted') AS emitted,
        count(*) FILTER (WHERE state <> 'emitted') AS waiting
      FROM watchdog.divergences
      WHERE table_name = ${table.name} AND state IN ('open', 'emitted', 'quarantined')
        AND bucket_start >= ${from} AND bucket_start < ${to} GROUP BY 1
    )
    SELECT ${table.name} AS table_name,
      floor((extract(epoch FROM bucket_start) * 1000 - ${fromMs}) / ${columnMs})::int AS place,
      sum(coalesce(c.row_count, v.row_count, u.row_count, 0)) AS rows,
      count(v.bucket_start)::int AS verified,
      (count(*) FILTER (WHERE v.bucket_start IS NULL AND u.row_count > 0))::int AS unverified,
      count(t.bucket_start)::int AS touched,
      coalesce(sum(emitted), 0)::int AS emitted, coalesce(sum(waiting), 0)::int AS waiting
    FROM verified v FULL JOIN touched t USING (bucket_start) FULL JOIN changed c USING (bucket_start)
      FULL JOIN unverified u USING (bucket_start) FULL JOIN differing d USING (bucket_start)
    GROUP BY place ORDER BY place`;
}

function cellOf(row: Row, { fromMs, columnMs }: Columns): readonly Cell[] {
  const state = bucketState(row);
  const [rows, differing] = [Number(row.rows), row.emitted + row.waiting];
  if (state === null || rows + differing === 0) return [];
  return [{ start: new Date(fromMs + row.place * columnMs).toISOString(), state, rows, differing }];
}
