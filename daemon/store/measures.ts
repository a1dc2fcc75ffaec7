import type { Postgres } from "../../src/postgres.ts";
import { type ChannelState, readChannels } from "./channels.ts";
import type { Outcome, RunKind } from "./runs.ts";

/** What the store can tell in figures. Times in seconds since 1970, null where it has not happened. */
export type Measures = {
  readonly tables: readonly TableMeasure[];
  readonly divergences: readonly DivergenceMeasure[];
  /** Runs since those that were counted before, by what they were. */
  readonly runs: readonly RunMeasure[];
  /** Fences since those that were counted before, oldest first. */
  readonly fences: readonly FenceMeasure[];
  readonly incidents: readonly { readonly kind: string; readonly severity: string; readonly firing: number }[];
  readonly channels: readonly ChannelState[];
  /** Null where there is no slot of that name. */
  readonly slot: SlotMeasure | null;
};

export type TableMeasure = {
  readonly table: string;
  readonly verifiedAt: number | null;
  readonly verifiedAgeSeconds: number | null;
  /** Null while the first scrub is under way. */
  readonly leastRecentAt: number | null;
  readonly coverage: number;
  readonly touched: number;
  readonly held: boolean;
};

export type DivergenceMeasure = {
  readonly table: string;
  readonly verdict: string;
  readonly found: number;
  readonly standing: number;
  readonly quarantined: number;
  readonly healed: number;
  readonly gone: number;
};

export type RunMeasure = {
  readonly table: string;
  readonly kind: RunKind;
  readonly outcome: Outcome;
  readonly count: number;
  readonly lastId: number;
  readonly lastFinishedAt: number;
  readonly lastSeconds: number;
};

export type FenceMeasure = {
  readonly id: number;
  readonly at: number;
  readonly passed: boolean;
  /** In milliseconds, by stage. */
  readonly waits: Readonly<Record<string, number>>;
};

export type SlotMeasure = {
  readonly active: boolean;
  readonly retainedBytes: number;
  readonly unconfirmedBytes: number;
};

/** Ids of the last run and fence that were counted; null before the first reading. */
export type Counted = { readonly run: number | null; readonly fence: number | null };

export type What = {
  readonly tables: readonly string[];
  readonly channels: readonly string[];
  readonly slotName: string;
};

/** Reads every figure in seven queries, whatever the number of tables. */
export async function readMeasures(sql: Postgres, what: What, counted: Counted): Promise<Measures> {
  return {
    tables: await readTables(sql, what.tables),
    divergences: await readDivergences(sql, what.tables),
    runs: await readRuns(sql, what.tables, counted.run ?? 0),
    fences: await readFences(sql, counted.fence),
    incidents: [
      ...(await sql<Measures["incidents"][number][]>`
        SELECT kind, severity, count(*)::int AS firing FROM watchdog.incidents WHERE state = 'firing' GROUP BY 1, 2`),
    ],
    channels: await readChannels(sql, what.channels),
    slot: await readSlot(sql, what.slotName),
  };
}

async function readTables(sql: Postgres, names: readonly string[]): Promise<readonly TableMeasure[]> {
  return sql<TableMeasure[]>`
    WITH buckets AS (
      SELECT table_name, sum(row_count) AS rows, min(verified_at) AS oldest FROM watchdog.buckets GROUP BY 1
    ), touched AS (SELECT table_name, count(*)::int AS count FROM watchdog.touched GROUP BY 1),
    asked AS (
      -- A table that does not exist has no rows.
      SELECT name AS table_name, greatest(pg_stat_get_live_tuples(to_regclass('public.' || quote_ident(name))), 0) AS rows
      FROM unnest(${names as string[]}::text[]) AS name
    )
    SELECT asked.table_name AS "table",
      extract(epoch FROM recent_verified_at)::float8 AS "verifiedAt",
      extract(epoch FROM clock_timestamp() - recent_verified_at)::float8 AS "verifiedAgeSeconds",
      CASE WHEN scrub_cycle_finished_at IS NOT NULL THEN extract(epoch FROM oldest)::float8 END AS "leastRecentAt",
      CASE WHEN coalesce(asked.rows, 0) = 0 THEN 1 ELSE least(1, coalesce(b.rows, 0) / asked.rows) END::float8 AS coverage,
      coalesce(touched.count, 0) AS touched, hold_since IS NOT NULL AS held
    FROM asked LEFT JOIN watchdog.tables USING (table_name) LEFT JOIN buckets b USING (table_name)
      LEFT JOIN touched USING (table_name)
    ORDER BY 1`;
}

async function readDivergences(sql: Postgres, names: readonly string[]): Promise<readonly DivergenceMeasure[]> {
  return sql<DivergenceMeasure[]>`
    SELECT table_name AS "table", verdict, count(*)::int AS found,
      count(*) FILTER (WHERE state IN ('open', 'emitted', 'quarantined'))::int AS standing,
      count(*) FILTER (WHERE state = 'quarantined')::int AS quarantined,
      count(*) FILTER (WHERE state = 'healed')::int AS healed, count(*) FILTER (WHERE state = 'gone')::int AS gone
    FROM watchdog.divergences WHERE table_name = ANY(${names as string[]}) GROUP BY 1, 2`;
}

async function readRuns(sql: Postgres, names: readonly string[], after: number): Promise<readonly RunMeasure[]> {
  return sql<RunMeasure[]>`
    SELECT table_name AS "table", kind, outcome, count(*)::int AS count, max(id)::float8 AS "lastId",
      extract(epoch FROM max(finished_at))::float8 AS "lastFinishedAt",
      extract(epoch FROM (array_agg(finished_at - started_at ORDER BY id DESC))[1])::float8 AS "lastSeconds"
    FROM watchdog.runs WHERE id > ${after} AND table_name = ANY(${names as string[]}) GROUP BY 1, 2, 3`;
}

/** Those after one that is known; at first the last one alone. */
async function readFences(sql: Postgres, after: number | null): Promise<readonly FenceMeasure[]> {
  const rows = await sql<{ id: number; at: number; passed: boolean; waits: string }[]>`
    SELECT id::float8, extract(epoch FROM at)::float8 AS at, passed, waits FROM watchdog.fences
    WHERE id >= coalesce(${after}::bigint, (SELECT max(id) FROM watchdog.fences)) ORDER BY id`;
  return rows
    .filter(({ id }) => id !== after)
    .map(({ id, at, passed, waits }) => ({ id, at, passed, waits: JSON.parse(waits) as FenceMeasure["waits"] }));
}

async function readSlot(sql: Postgres, name: string): Promise<SlotMeasure | null> {
  const [slot] = await sql<SlotMeasure[]>`
    SELECT active, coalesce(pg_current_wal_lsn() - restart_lsn, 0)::float8 AS "retainedBytes",
      coalesce(pg_current_wal_lsn() - confirmed_flush_lsn, 0)::float8 AS "unconfirmedBytes"
    FROM pg_replication_slots WHERE slot_name = ${name}`;
  return slot ?? null;
}
