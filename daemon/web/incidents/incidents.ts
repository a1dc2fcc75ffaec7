import type { Postgres } from "../../../src/postgres.ts";
import type { Incident } from "../../alerts/incidents/incident.ts";
import { isSilenced } from "../../alerts/incidents/silence.ts";
import { readHistory } from "../../store/history.ts";
import { readEnded, readIncident, readOpen } from "../../store/incidents.ts";
import { readSilences } from "../../store/silences.ts";
import type { IncidentDetail, Incidents } from "../api.ts";
import { detailOf } from "./detail.ts";

const KEPT_MS = 90 * 86_400_000;

/** All that are open, then the latest that are over, `limit` together where there are not more open ones. */
export async function listIncidents(sql: Postgres, limit: number): Promise<Incidents> {
  const open = await readOpen(sql);
  const ended = await readEnded(sql, KEPT_MS, Math.max(0, limit - open.length));
  return { incidents: await detailed(sql, [...open, ...ended]) };
}

/** One incident; undefined where there is none of this id. */
export async function findIncident(sql: Postgres, id: number): Promise<IncidentDetail | undefined> {
  const incident = await readIncident(sql, id);
  return incident && (await detailed(sql, [incident]))[0];
}

async function detailed(sql: Postgres, incidents: readonly Incident[]): Promise<readonly IncidentDetail[]> {
  const ids = incidents.flatMap(({ id }) => (id === null ? [] : [id]));
  const [history, silences] = await Promise.all([readHistory(sql, ids), readSilences(sql)]);
  const nowMs = Date.now();
  return incidents.map((incident) => {
    const silence = silences.find((one) => incident.state !== "resolved" && isSilenced([one], incident, nowMs));
    return detailOf(incident, history.get(incident.id ?? 0) ?? [], silence?.id ?? null);
  });
}
