import type { CatalogTable } from "../../src/catalog.ts";
import { digestSql, quoteIdentifier } from "../../src/digest.ts";
import type { Postgres } from "../../src/postgres.ts";
import { documentId, microsFromText } from "../../src/row-codec.ts";
import { ALL_TIME, type Interval, type Listed, NOTHING, type Region, type Side, type Sum } from "./region.ts";

type SumRow = { group: string; count: string; latest: string | null; digests: string | null };

/** PostgreSQL's side of a comparison. Each question is one statement, and so one short snapshot. */
export function postgresSide(sql: Postgres, table: CatalogTable): Side {
  const relation = `public.${quoteIdentifier(table.name)} t`;
  const time = `t.${quoteIdentifier(table.timeColumn)}`;
  const digest = digestSql(table);
  const sums = `count(*) AS count, max(${time}) AS latest, sum(digest) AS digests`;
  const source = (region: Region) =>
    `(SELECT t.*, ${digest} AS digest FROM ${relation} WHERE ${timeCondition(time, region.time)}) t${digestCondition(region)}`;
  return {
    async bucketSums(interval, widthMs) {
      const rows = await sql.unsafe<SumRow[]>(
        `SELECT date_bin('${widthMs} milliseconds', ${time}, '1970-01-01 00:00:00+00') AS "group", ${sums}
         FROM ${source({ time: interval })} GROUP BY 1`,
      );
      return new Map(rows.map((row) => [msOf(row.group), sumOf(row)]));
    },
    async regionSum(region) {
      const [row] = await sql.unsafe<SumRow[]>(`SELECT 0 AS "group", ${sums} FROM ${source(region)}`);
      return row === undefined ? NOTHING : sumOf(row);
    },
    async digestSums(region, width) {
      const rows = await sql.unsafe<SumRow[]>(
        `SELECT digest / ${width} * ${width} AS "group", ${sums} FROM ${source(region)} GROUP BY 1`,
      );
      return new Map(rows.map((row) => [Number(row.group), sumOf(row)]));
    },
    async list(region, limit) {
      const key = table.key.map((name) => `t.${quoteIdentifier(name)}::text AS ${quoteIdentifier(name)}`).join(", ");
      const rows = await sql.unsafe<(Record<string, string> & { "tidemark digest": string })[]>(
        `SELECT ${key}, digest AS "tidemark digest" FROM ${source(region)} LIMIT ${limit}`,
      );
      return new Map<string, Listed>(
        rows.map((row) => [documentId(table, row), { digest: Number(row["tidemark digest"]) }]),
      );
    },
  };
}

/**
 * The end of an interval that begins at `interval.fromMs`, holds about `rows` rows at most (a bucket at least) and ends
 * with a bucket. Walks the index on the event time only.
 */
export async function pieceEnd(
  sql: Postgres,
  table: CatalogTable,
  interval: Interval,
  rows: number,
  widthMs: number,
): Promise<number> {
  const time = quoteIdentifier(table.timeColumn);
  const [row] = await sql.unsafe<{ at: string }[]>(
    `SELECT ${time} AS at FROM public.${quoteIdentifier(table.name)} WHERE ${timeCondition(time, interval)}
     ORDER BY ${time} OFFSET ${rows} LIMIT 1`,
  );
  if (row === undefined) return interval.toMs;
  const start = Math.floor(msOf(row.at) / widthMs) * widthMs;
  return Math.min(interval.toMs, start > interval.fromMs ? start : start + widthMs);
}

function timeCondition(time: string, region: Region["time"]): string {
  const within = (interval: Interval) =>
    `${time} >= '${isoOf(interval.fromMs)}'::timestamptz AND ${time} < '${isoOf(interval.toMs)}'::timestamptz`;
  return region === "outside" ? `(${within(ALL_TIME)}) IS NOT TRUE` : within(region);
}

function digestCondition({ digests }: Region): string {
  if (digests === undefined) return "";
  return ` WHERE ${digests.map(({ from, to }) => `(digest >= ${from} AND digest < ${to})`).join(" OR ")}`;
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

/** Milliseconds, rounded down, of PostgreSQL's text of a timestamptz. */
function msOf(text: string): number {
  return Number((microsFromText(text) ?? 0n) / 1000n);
}

function sumOf(row: SumRow): Sum {
  const finite = row.latest !== null && !row.latest.endsWith("infinity") && !row.latest.endsWith("BC");
  return {
    count: Number(row.count),
    latestMs: finite && row.latest !== null ? msOf(row.latest) : null,
    digests: Number(row.digests ?? 0),
  };
}
