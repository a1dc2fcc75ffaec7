import { formatLsn } from "../../src/lsn.ts";
import type { Postgres } from "../../src/postgres.ts";

export type Via = "kafka" | "elasticsearch";
export type RequestedBy = "daemon" | "command";

/** Notes that a heal begins. @returns its id, which its messages carry */
export async function beginHeal(sql: Postgres, table: string, via: Via, by: RequestedBy, lsn: number): Promise<number> {
  const [row] = await sql<{ id: string }[]>`
    INSERT INTO watchdog.heals (table_name, via, requested_by, barrier_lsn)
    VALUES (${table}, ${via}, ${by}, ${formatLsn(lsn)}) RETURNING id`;
  return Number(row?.id);
}

export async function finishHeal(
  sql: Postgres,
  id: number,
  result: { readonly written: number; readonly deleted: number; readonly outcome: string },
): Promise<void> {
  await sql`
    UPDATE watchdog.heals SET finished_at = now(), written = ${result.written}, deleted = ${result.deleted},
      outcome = ${result.outcome} WHERE id = ${id}`;
}
