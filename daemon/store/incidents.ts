import type { Postgres } from "../../src/postgres.ts";
import type { Incident } from "../alerts/incidents/incident.ts";
import { msOfTimestamp, timestampOf } from "./time.ts";

type Row = {
  id: string;
  fingerprint: string;
  kind: string;
  severity: "warning" | "critical";
  labels: string;
  summary: string;
  facts: string;
  remedy: string;
  action: string | null;
  state: Incident["state"];
  sightings: number;
  first_seen_at: string;
  last_seen_at: string;
  fired_at: string | null;
  well_since: string | null;
  resolved_at: string | null;
  muted_by: string | null;
  told_at: string | null;
  thread: string | null;
  acknowledged_at: string | null;
  acknowledged_by: string | null;
};

/** How long incidents that are over are kept. */
const KEPT_DAYS = 90;

/** Incidents that are pending or firing, oldest first. */
export async function readOpen(sql: Postgres): Promise<readonly Incident[]> {
  const rows = await sql<Row[]>`SELECT * FROM watchdog.incidents WHERE state <> 'resolved' ORDER BY id`;
  return rows.map(incidentOf);
}

/** Incidents that ended within the last `withinMs`, latest first. */
export async function readEnded(sql: Postgres, withinMs: number, limit = 1_000): Promise<readonly Incident[]> {
  const since = timestampOf(Date.now() - withinMs);
  const rows = await sql<Row[]>`
    SELECT * FROM watchdog.incidents WHERE state = 'resolved' AND resolved_at >= ${since}
    ORDER BY resolved_at DESC, id DESC LIMIT ${limit}`;
  return rows.map(incidentOf);
}

/** How often each fingerprint that was told came to an end in the last hour. */
export async function countEndings(sql: Postgres): Promise<ReadonlyMap<string, number>> {
  const rows = await sql<{ fingerprint: string; count: number }[]>`
    SELECT fingerprint, count(*)::int AS count FROM watchdog.incidents
    WHERE state = 'resolved' AND told_at IS NOT NULL AND resolved_at > now() - interval '1 hour' GROUP BY 1`;
  return new Map(rows.map(({ fingerprint, count }) => [fingerprint, count]));
}

/** Ids for incidents that are about to be kept. */
export async function newIds(sql: Postgres, count: number): Promise<readonly number[]> {
  if (count === 0) return [];
  const rows = await sql<{ id: string }[]>`
    SELECT nextval(pg_get_serial_sequence('watchdog.incidents', 'id')) AS id FROM generate_series(1, ${count}::int)`;
  return rows.map(({ id }) => Number(id));
}

/** Keeps incidents as they are now. One that a person acknowledged meanwhile stays so. */
export async function keepIncidents(sql: Postgres, incidents: readonly Incident[]): Promise<void> {
  for (const one of incidents) {
    const at = (ms: number | null) => (ms === null ? null : timestampOf(ms));
    await sql`
      INSERT INTO watchdog.incidents (id, fingerprint, kind, severity, labels, summary, facts, remedy, action, state,
        sightings, first_seen_at, last_seen_at, fired_at, well_since, resolved_at, muted_by, told_at, thread)
      VALUES (${one.id}, ${one.fingerprint}, ${one.kind}, ${one.severity}, ${JSON.stringify(one.labels)}::text::jsonb,
        ${one.summary}, ${JSON.stringify(one.facts)}::text::jsonb, ${one.remedy}, ${one.action ?? null}, ${one.state},
        ${one.sightings}, ${at(one.firstSeenAtMs)}, ${at(one.lastSeenAtMs)}, ${at(one.firedAtMs)},
        ${at(one.wellSinceMs)}, ${at(one.resolvedAtMs)}, ${one.mutedBy}, ${at(one.toldAtMs)}, ${one.thread})
      ON CONFLICT (id) DO UPDATE SET severity = excluded.severity, summary = excluded.summary, facts = excluded.facts,
        remedy = excluded.remedy, action = excluded.action, state = excluded.state, sightings = excluded.sightings,
        last_seen_at = excluded.last_seen_at, fired_at = excluded.fired_at, well_since = excluded.well_since,
        resolved_at = excluded.resolved_at, muted_by = excluded.muted_by, told_at = excluded.told_at,
        thread = excluded.thread`;
  }
}

/** Forgets incidents that never fired. */
export async function dropIncidents(sql: Postgres, ids: readonly number[]): Promise<void> {
  if (ids.length > 0) await sql`DELETE FROM watchdog.incidents WHERE id = ANY(${ids as number[]}::bigint[])`;
}

/** Notes what happened to an incident, for people. */
export async function noteHistory(sql: Postgres, incident: number, what: string, detail = ""): Promise<void> {
  await sql`INSERT INTO watchdog.incident_history (incident_id, what, detail) VALUES (${incident}, ${what}, ${detail})`;
}

/** One incident, open or over. */
export async function readIncident(sql: Postgres, id: number): Promise<Incident | undefined> {
  const [row] = await sql<Row[]>`SELECT * FROM watchdog.incidents WHERE id = ${id}`;
  return row && incidentOf(row);
}

/** Forgets what ended 90 days ago, and the messages of that time. */
export async function forgetOldIncidents(sql: Postgres): Promise<void> {
  const limit = timestampOf(Date.now() - KEPT_DAYS * 86_400_000);
  await sql`DELETE FROM watchdog.incidents WHERE state = 'resolved' AND resolved_at < ${limit}`;
  await sql`
    DELETE FROM watchdog.notifications n WHERE created_at < ${limit}
      AND NOT EXISTS (SELECT FROM watchdog.deliveries d WHERE d.notification_id = n.id AND d.state = 'waiting')`;
  await sql`DELETE FROM watchdog.silences WHERE ends_at < ${limit}`;
  await sql`DELETE FROM watchdog.fences WHERE at < now() - interval '7 days'`;
}

function incidentOf(row: Row): Incident {
  const ms = (text: string) => msOfTimestamp(text) ?? 0;
  const msOrNull = (text: string | null) => (text === null ? null : msOfTimestamp(text));
  return {
    id: Number(row.id),
    fingerprint: row.fingerprint,
    kind: row.kind,
    severity: row.severity,
    labels: JSON.parse(row.labels) as Incident["labels"],
    summary: row.summary,
    facts: JSON.parse(row.facts) as Incident["facts"],
    remedy: row.remedy,
    ...(row.action === null ? {} : { action: row.action }),
    state: row.state,
    sightings: row.sightings,
    firstSeenAtMs: ms(row.first_seen_at),
    lastSeenAtMs: ms(row.last_seen_at),
    firedAtMs: msOrNull(row.fired_at),
    wellSinceMs: msOrNull(row.well_since),
    resolvedAtMs: msOrNull(row.resolved_at),
    mutedBy: row.muted_by,
    toldAtMs: msOrNull(row.told_at),
    thread: row.thread,
    acknowledged:
      row.acknowledged_at === null ? null : { atMs: ms(row.acknowledged_at), by: row.acknowledged_by ?? "" },
  };
}
