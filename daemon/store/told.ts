import type { Postgres } from "../../src/postgres.ts";
import type { Incident } from "../alerts/incidents/incident.ts";
import { isSilenced } from "../alerts/incidents/silence.ts";
import type { Told } from "../alerts/incidents/view.ts";
import { readHistory } from "./history.ts";
import { readSilences } from "./silences.ts";

/** The incidents with what happened to each, and the silence that holds for it. */
export async function readTold(sql: Postgres, incidents: readonly Incident[]): Promise<readonly Told[]> {
  const ids = incidents.flatMap(({ id }) => id ?? []);
  const [history, silences] = await Promise.all([readHistory(sql, ids), readSilences(sql)]);
  const nowMs = Date.now();
  return incidents.map((incident) => ({
    incident,
    silence: incident.state === "resolved" ? undefined : silences.find((one) => isSilenced([one], incident, nowMs)),
    history: history.get(incident.id ?? 0) ?? [],
  }));
}
