import type { Config } from "../../../src/config.ts";
import type { Postgres } from "../../../src/postgres.ts";
import type { Table } from "../../../src/tables.ts";
import { readFences } from "../../store/fences.ts";
import { readOpen } from "../../store/incidents.ts";
import { msOfTimestamp } from "../../store/time.ts";
import type { TableTruth, Truth } from "./truth.ts";

type Row = {
  table_name: string;
  verified_at: string | null;
  verified_lsn: string | null;
  every_since: string | null;
  hold: string | null;
  missing: number;
  stale: number;
  corrupt: number;
  ghost: number;
  open: number;
  emitted: number;
  quarantined: number;
  healed: number;
  first: string | null;
  last: string | null;
};

/** Reads what the store knows, with a few small questions. */
export async function readTruth(sql: Postgres, config: Config, tables: readonly Table[]): Promise<Truth> {
  const names = tables.map(({ name }) => name);
  const atMs = Date.now();
  const [rows, incidents, [fence], flow] = await Promise.all([
    readTables(sql, names),
    readOpen(sql),
    readFences(sql, 1),
    readFlow(sql, names, config.slotName),
  ]);
  return {
    atMs,
    tables: rows.map(tableOf),
    incidents: incidents.flatMap(({ kind, severity, state, summary, mutedBy, facts }) =>
      state === "resolved" ? [] : [{ kind, severity, state, summary, muted: mutedBy !== null, facts }],
    ),
    fence: fence ?? null,
    mark: `${flow.mark} ${rows.map(({ open, emitted, quarantined, hold }) => [open, emitted, quarantined, hold]).join(" ")}`,
    changes: Number(flow.changes),
    slotBytes: flow.slot_bytes === null ? null : Number(flow.slot_bytes),
    linesRead: flow.lines_read === null ? null : Number(flow.lines_read),
  };
}

async function readTables(sql: Postgres, names: readonly string[]): Promise<readonly Row[]> {
  const count = (condition: ReturnType<Postgres>) => sql`count(*) FILTER (WHERE ${condition})::int`;
  return sql<Row[]>`
    SELECT asked.name AS table_name, t.recent_verified_at AS verified_at, t.recent_verified_lsn::text AS verified_lsn,
      t.hold_reason AS hold, s.*,
      CASE WHEN t.scrub_cycle_finished_at IS NOT NULL
        THEN (SELECT min(verified_at) FROM watchdog.buckets b WHERE b.table_name = asked.name) END AS every_since,
      CASE WHEN s.since IS NULL THEN 0 ELSE (
        SELECT count(*)::int FROM watchdog.divergences d
        WHERE d.table_name = asked.name AND d.state IN ('healed', 'gone') AND d.found_at >= s.since - interval '1 minute'
      ) END AS healed
    FROM unnest(${names as string[]}::text[]) WITH ORDINALITY AS asked(name, place)
    LEFT JOIN watchdog.tables t ON t.table_name = asked.name
    CROSS JOIN LATERAL (
      SELECT ${count(sql`verdict = 'missing'`)} AS missing, ${count(sql`verdict = 'stale'`)} AS stale,
        ${count(sql`verdict = 'corrupt'`)} AS corrupt, ${count(sql`verdict = 'ghost'`)} AS ghost,
        ${count(sql`state = 'open'`)} AS open, ${count(sql`state = 'emitted'`)} AS emitted,
        ${count(sql`state = 'quarantined'`)} AS quarantined, min(found_at) AS since,
        min(bucket_start) FILTER (WHERE isfinite(bucket_start)) AS first,
        max(bucket_start) FILTER (WHERE isfinite(bucket_start)) AS last
      FROM watchdog.divergences d
      WHERE d.table_name = asked.name AND d.state IN ('open', 'emitted', 'quarantined')) s
    ORDER BY asked.place`;
}

type Flow = { changes: string; slot_bytes: string | null; lines_read: string | null; mark: string };

async function readFlow(sql: Postgres, names: readonly string[], slot: string): Promise<Flow> {
  const [row] = await sql<Flow[]>`
    SELECT
      (SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_user_tables
        WHERE schemaname = 'public' AND relname = ANY(${names as string[]})) AS changes,
      (SELECT pg_current_wal_lsn() - confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = ${slot}) AS slot_bytes,
      (SELECT sum(p.lines_read) FROM replay.runs r JOIN replay.positions p ON p.run_id = r.id
        WHERE r.finished_at IS NULL AND r.abandoned_at IS NULL) AS lines_read,
      concat_ws(' ', (SELECT max(id) FROM watchdog.runs), (SELECT max(id) FROM watchdog.divergences),
        (SELECT max(id) FROM watchdog.incident_history), (SELECT count(*) FROM watchdog.touched),
        (SELECT count(*) || ',' || coalesce(sum(id), 0) FROM watchdog.silences WHERE ends_at > now())) AS mark`;
  if (row === undefined) throw new Error("PostgreSQL answered with no row");
  return row;
}

function tableOf(row: Row): TableTruth {
  const ms = (text: string | null) => (text === null ? null : msOfTimestamp(text));
  const { missing, stale, corrupt, ghost, open, emitted, quarantined, healed } = row;
  return {
    table: row.table_name,
    verifiedAtMs: ms(row.verified_at),
    verifiedLsn: row.verified_lsn,
    everyBucketSinceMs: ms(row.every_since),
    hold: row.hold,
    divergences: { missing, stale, corrupt, ghost },
    ...{ open, emitted, quarantined, healed },
    fromMs: ms(row.first),
    toMs: ms(row.last),
  };
}
