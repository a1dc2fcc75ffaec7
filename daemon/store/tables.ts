import { formatLsn } from "../../src/lsn.ts";
import type { Postgres } from "../../src/postgres.ts";
import type { Fence } from "../compare/fence.ts";
import { msOfTimestamp, timestampOf } from "./time.ts";

/** What is known of a table as a whole. Times in milliseconds since 1970, null where it has not happened. */
export type TableState = {
  readonly recentVerifiedAtMs: number | null;
  readonly scrubPositionMs: number | null;
  readonly scrubCycleFinishedAtMs: number | null;
  readonly hold: { readonly sinceMs: number; readonly reason: string } | null;
};

type Row = {
  recent_verified_at: string | null;
  scrub_position: string | null;
  scrub_cycle_finished_at: string | null;
  hold_since: string | null;
  hold_reason: string | null;
};

export async function readTableState(sql: Postgres, table: string): Promise<TableState> {
  const [row] = await sql<Row[]>`SELECT * FROM watchdog.tables WHERE table_name = ${table}`;
  const ms = (text: string | null | undefined) => (text == null ? null : msOfTimestamp(text));
  const since = ms(row?.hold_since);
  return {
    recentVerifiedAtMs: ms(row?.recent_verified_at),
    scrubPositionMs: ms(row?.scrub_position),
    scrubCycleFinishedAtMs: ms(row?.scrub_cycle_finished_at),
    hold: since === null ? null : { sinceMs: since, reason: row?.hold_reason ?? "" },
  };
}

/** The recent window and every touched bucket of a table were found clean behind a fence. */
export async function recordRecentVerified(sql: Postgres, table: string, fence: Fence): Promise<void> {
  const [lsn, at] = [formatLsn(fence.lsn), timestampOf(fence.atMs)];
  await sql`
    INSERT INTO watchdog.tables (table_name, recent_verified_lsn, recent_verified_at) VALUES (${table}, ${lsn}, ${at})
    ON CONFLICT (table_name) DO UPDATE SET recent_verified_lsn = ${lsn}, recent_verified_at = ${at}`;
}

/** Keeps the scrub's place; null: the cycle is done, and the next begins at the start. */
export async function recordScrubPosition(sql: Postgres, table: string, positionMs: number | null): Promise<void> {
  if (positionMs === null) {
    await sql`
      INSERT INTO watchdog.tables (table_name, scrub_cycle_finished_at) VALUES (${table}, now())
      ON CONFLICT (table_name) DO UPDATE SET scrub_position = NULL, scrub_cycle_finished_at = now()`;
    return;
  }
  const position = timestampOf(positionMs);
  await sql`
    INSERT INTO watchdog.tables AS t (table_name, scrub_position, scrub_cycle_started_at) VALUES (${table}, ${position}, now())
    ON CONFLICT (table_name) DO UPDATE SET scrub_position = ${position},
      scrub_cycle_started_at = CASE WHEN t.scrub_position IS NULL THEN now() ELSE t.scrub_cycle_started_at END`;
}

/** Begins every table's scrub anew: events may have been lost anywhere. */
export async function restartScrub(sql: Postgres): Promise<void> {
  await sql`UPDATE watchdog.tables SET scrub_position = NULL, scrub_cycle_started_at = NULL`;
}

/** Stops the healing of a table until a person confirms it, keeping when it was first stopped. */
export async function holdTable(sql: Postgres, table: string, reason: string): Promise<void> {
  await sql`
    INSERT INTO watchdog.tables AS t (table_name, hold_since, hold_reason) VALUES (${table}, now(), ${reason})
    ON CONFLICT (table_name) DO UPDATE SET hold_since = coalesce(t.hold_since, now()), hold_reason = ${reason}`;
}

export async function releaseTable(sql: Postgres, table: string): Promise<void> {
  await sql`UPDATE watchdog.tables SET hold_since = NULL, hold_reason = NULL WHERE table_name = ${table}`;
}
