import type { Postgres } from "../../src/postgres.ts";
import type { HistoryEntry } from "../alerts/incidents/incident.ts";
import { msOfTimestamp } from "./time.ts";

/** What happened to each of these incidents, oldest first. */
export async function readHistory(
  sql: Postgres,
  incidents: readonly number[],
): Promise<ReadonlyMap<number, readonly HistoryEntry[]>> {
  const rows = await sql<{ incident_id: string; at: string; what: string; detail: string }[]>`
    SELECT incident_id, at, what, detail FROM watchdog.incident_history
    WHERE incident_id = ANY(${incidents as number[]}::bigint[]) ORDER BY id`;
  const byIncident = Map.groupBy(rows, ({ incident_id }) => Number(incident_id));
  return new Map(
    [...byIncident].map(([id, own]) => [
      id,
      own.map(({ at, what, detail }) => ({ atMs: msOfTimestamp(at) ?? 0, what, detail })),
    ]),
  );
}
