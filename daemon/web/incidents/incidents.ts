import type { Postgres } from "../../../src/postgres.ts";
import type { Incident } from "../../alerts/incidents/incident.ts";
import { isSilenced, type Silence } from "../../alerts/incidents/silence.ts";
import { acknowledgeIncident, readEnded, readHistory, readIncident, readOpen } from "../../store/incidents.ts";
import { readSilences } from "../../store/silences.ts";
import type { IncidentDetail, Incidents } from "../api.ts";

const KEPT_MS = 90 * 86_400_000;

/** Those that are open, then the latest that are over. */
export async function listIncidents(sql: Postgres, limit: number): Promise<Incidents> {
  const open = await readOpen(sql);
  const ended = await readEnded(sql, KEPT_MS, Math.max(0, limit - open.length));
  return { incidents: await detailed(sql, [...open, ...ended].slice(0, limit)) };
}

/** One incident; undefined where there is none of this id. */
export async function findIncident(sql: Postgres, id: number): Promise<IncidentDetail | undefined> {
  const incident = await readIncident(sql, id);
  return incident && (await detailed(sql, [incident]))[0];
}

/** Notes that a person has seen an incident: it is not repeated any more. Undefined where there is none of this id. */
export async function acknowledge(sql: Postgres, id: number, by: string): Promise<IncidentDetail | undefined> {
  await acknowledgeIncident(sql, id, by);
  return findIncident(sql, id);
}

async function detailed(sql: Postgres, incidents: readonly Incident[]): Promise<readonly IncidentDetail[]> {
  const ids = incidents.flatMap(({ id }) => (id === null ? [] : [id]));
  const [history, silences] = await Promise.all([readHistory(sql, ids), readSilences(sql)]);
  const nowMs = Date.now();
  return incidents.map((incident) => detailOf(incident, history.get(incident.id ?? 0) ?? [], silences, nowMs));
}

/** An incident as the API has it; pure. */
export function detailOf(
  incident: Incident,
  history: readonly { readonly atMs: number; readonly what: string; readonly detail: string }[],
  silences: readonly Silence[],
  nowMs: number,
): IncidentDetail {
  const { id, fingerprint, kind, severity, state, labels, summary, facts, remedy, action, mutedBy } = incident;
  const { acknowledged, resolvedAtMs } = incident;
  const silence = silences.find((one) => isSilenced([one], incident, nowMs));
  return {
    id: id ?? 0,
    ...{ fingerprint, kind, severity, state, labels, summary, facts, remedy },
    action: action ?? null,
    since: iso(incident.firstSeenAtMs),
    resolvedAt: resolvedAtMs === null ? null : iso(resolvedAtMs),
    mutedBy,
    silencedBy: state === "resolved" ? null : (silence?.id ?? null),
    acknowledged: acknowledged === null ? null : { at: iso(acknowledged.atMs), by: acknowledged.by },
    history: history.map(({ atMs, what, detail }) => ({ at: iso(atMs), what, detail })),
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
