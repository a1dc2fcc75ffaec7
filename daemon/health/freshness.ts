import type { Context } from "../context.ts";
import type { Finding } from "../finding.ts";
import { msOfTimestamp } from "../store/time.ts";
import type { Probe } from "./probe.ts";

/** How rows came to a table; times in milliseconds since 1970. */
export type Arrivals = {
  readonly table: string;
  readonly newestMs: number | null;
  /** The longest pause between two buckets of the last day with rows. */
  readonly longestPauseMs: number;
  /** Buckets of the last day with rows. */
  readonly buckets: number;
  /** The source said that it is at its end: a replay that finished after the newest row. */
  readonly ended: boolean;
};

/** A table with rows in fewer buckets than that has no usual pace. */
const MIN_BUCKETS = 30;
const TIMES_LONGEST_PAUSE = 3;

/** Tables that get no new row for longer than usual. */
export function freshnessProbe(context: Context): Probe {
  const { config } = context;
  return {
    name: "freshness",
    kinds: ["events-stale"],
    look: async () => {
      if (config.watchdogQuietMinutes === 0) return [];
      const arrivals = await Promise.all(context.tables.map(({ name }) => readArrivals(context, name)));
      return freshnessFindings(arrivals, Date.now(), config.watchdogQuietMinutes * 60_000);
    },
  };
}

async function readArrivals({ sql }: Context, table: string): Promise<Arrivals> {
  const [row] = await sql<{ newest: string | null; pause: number | null; buckets: number; ended: boolean }[]>`
    SELECT max(latest) AS newest, (extract(epoch FROM max(pause)) * 1000)::float8 AS pause, count(*)::int AS buckets,
      NOT EXISTS (SELECT FROM replay.runs WHERE finished_at IS NULL AND abandoned_at IS NULL)
        AND EXISTS (SELECT FROM replay.runs WHERE finished_at >= max(latest) - interval '1 second') AS ended
    FROM (
      SELECT latest, bucket_start - lag(latest) OVER (ORDER BY bucket_start) AS pause
      FROM watchdog.buckets WHERE table_name = ${table} AND latest <= now()
        AND bucket_start > now() - interval '1 day' AND row_count > 0) buckets`;
  return {
    table,
    newestMs: row?.newest == null ? null : msOfTimestamp(row.newest),
    longestPauseMs: row?.pause ?? 0,
    buckets: row?.buckets ?? 0,
    ended: row?.ended ?? false,
  };
}

/** Pure. */
export function freshnessFindings(arrivals: readonly Arrivals[], nowMs: number, quietMs: number): readonly Finding[] {
  return arrivals.flatMap(({ table, newestMs, longestPauseMs, buckets, ended }) => {
    if (newestMs === null || ended || buckets < MIN_BUCKETS) return [];
    const silentMs = nowMs - newestMs;
    if (silentMs < Math.max(quietMs, TIMES_LONGEST_PAUSE * longestPauseMs)) return [];
    const minutes = (ms: number) => Math.round(ms / 60_000);
    return [
      {
        kind: "events-stale",
        severity: "warning" as const,
        labels: { table },
        summary: `${table} has got no new row for ${minutes(silentMs)} minutes`,
        facts: {
          newest_row: new Date(newestMs).toISOString(),
          longest_pause_of_the_last_day: `${minutes(longestPauseMs)} min`,
        },
        remedy: "look at the table's source; WATCHDOG_QUIET_MINUTES=0 turns this warning off",
      },
    ];
  });
}
