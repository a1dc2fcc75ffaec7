import type { Postgres } from "../../../src/postgres.ts";
import { incidentView } from "../../alerts/incidents/view.ts";
import { readEnded, readIncident, readOpen } from "../../store/incidents.ts";
import { readTold } from "../../store/told.ts";
import type { IncidentDetail, Incidents } from "../api.ts";

const KEPT_MS = 90 * 86_400_000;

/** All that are open, then the latest that are over, `limit` together where there are not more open ones. */
export async function listIncidents(sql: Postgres, limit: number): Promise<Incidents> {
  const open = await readOpen(sql);
  const ended = await readEnded(sql, KEPT_MS, Math.max(0, limit - open.length));
  return { incidents: (await readTold(sql, [...open, ...ended])).map(incidentView) };
}

/** One incident; undefined where there is none of this id. */
export async function findIncident(sql: Postgres, id: number): Promise<IncidentDetail | undefined> {
  const incident = await readIncident(sql, id);
  return incident && (await readTold(sql, [incident])).map(incidentView)[0];
}
