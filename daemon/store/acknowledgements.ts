import type { Postgres } from "../../src/postgres.ts";
import { msOfTimestamp } from "./time.ts";

/** What came of an acknowledgement. `already`: a person did so before, and that stands. */
export type Acknowledged =
  | { readonly outcome: "acknowledged" | "already"; readonly by: string; readonly atMs: number }
  | { readonly outcome: "over" | "unknown" };

/** Notes, with its history, that a person knows of an open incident: it is repeated no more, and its end is told. */
export async function acknowledgeIncident(sql: Postgres, id: number, by: string): Promise<Acknowledged> {
  const changed = await sql`
    WITH changed AS (
      UPDATE watchdog.incidents SET acknowledged_at = now(), acknowledged_by = ${by}
      WHERE id = ${id} AND state <> 'resolved' AND acknowledged_at IS NULL RETURNING id
    )
    INSERT INTO watchdog.incident_history (incident_id, what, detail) SELECT id, 'acknowledged', ${by} FROM changed
    RETURNING id`;
  const [now] = await sql<{ state: string; at: string | null; by: string | null }[]>`
    SELECT state, acknowledged_at AS at, acknowledged_by AS by FROM watchdog.incidents WHERE id = ${id}`;
  if (now === undefined) return { outcome: "unknown" };
  if (now.at === null) return { outcome: "over" };
  return {
    outcome: changed.length > 0 ? "acknowledged" : "already",
    by: now.by ?? "",
    atMs: msOfTimestamp(now.at) ?? 0,
  };
}
