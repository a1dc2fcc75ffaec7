import { OperationError } from "../../src/errors.ts";
import { parseLsn } from "../../src/lsn.ts";
import type { Postgres } from "../../src/postgres.ts";
import { sleep } from "../../src/sleep.ts";

/**
 * A point in PostgreSQL's log with a transaction id above that of every writer that had begun before it. Once each of
 * those writers has ended, a read contains every change below the point.
 */
export type Barrier = { readonly lsn: number; readonly transactionId: bigint };

/** A transaction that keeps a barrier from passing: a backend, or a prepared transaction (`pid` null, named by `gid`). */
export type Blocker = {
  readonly pid: number | null;
  readonly gid: string | null;
  readonly user: string;
  readonly database: string;
  readonly application: string;
  readonly since: string;
};

export type BarrierWait =
  | { readonly kind: "passed"; readonly waitedMs: number }
  | { readonly kind: "held"; readonly waitedMs: number; readonly blockers: readonly Blocker[] };

const POLL_MS = 20;

/**
 * Takes a barrier: the log's position first, then an own transaction id. (The id of the snapshot's xmax would not do: it
 * is one past the newest completed transaction, so the newest writer still running would slip by.)
 * @throws OperationError on a standby, where visibility is not in the order of the log
 */
export async function takeBarrier(sql: Postgres): Promise<Barrier> {
  const [standby] = await sql<{ standby: boolean }[]>`SELECT pg_is_in_recovery() AS standby`;
  if (standby?.standby) {
    throw new OperationError(
      "healing reads PostgreSQL's primary, and this is a standby: set POSTGRES_HOST to the primary",
    );
  }
  const [position] = await sql<{ lsn: string }[]>`SELECT pg_current_wal_insert_lsn()::text AS lsn`;
  const [own] = await sql<{ id: string }[]>`SELECT pg_current_xact_id()::text AS id`;
  return { lsn: parseLsn(position?.lsn ?? ""), transactionId: BigInt(own?.id ?? "") };
}

/** Whether every writer that had begun before the barrier has ended; pure. */
export function hasPassed(barrier: Pick<Barrier, "transactionId">, snapshotXmin: bigint): boolean {
  return snapshotXmin > barrier.transactionId;
}

/** The version of what is read behind a barrier: a record may start exactly at the barrier's LSN, and must win. */
export function healVersion(barrier: Pick<Barrier, "lsn">): number {
  return barrier.lsn - 1;
}

/** Waits until a barrier has passed; at the deadline, names the transactions that hold it back. */
export async function waitForBarrier(
  sql: Postgres,
  barrier: Barrier,
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<BarrierWait> {
  const begun = Date.now();
  for (;;) {
    const [snapshot] = await sql<{ xmin: string }[]>`SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xmin`;
    const waitedMs = Date.now() - begun;
    if (hasPassed(barrier, BigInt(snapshot?.xmin ?? 0))) return { kind: "passed", waitedMs };
    if (waitedMs > options.timeoutMs || options.signal.aborted) {
      return { kind: "held", waitedMs, blockers: await findBlockers(sql, barrier) };
    }
    await sleep(POLL_MS, options.signal);
  }
}

/** Transactions at least as old as the barrier that have not ended, oldest first. */
async function findBlockers(sql: Postgres, barrier: Barrier): Promise<readonly Blocker[]> {
  const rows = await sql<Blocker[]>`
    SELECT pid, NULL AS gid, coalesce(usename, '') AS user, coalesce(datname, '') AS database,
           coalesce(application_name, '') AS application, coalesce(xact_start::text, '') AS since
    FROM pg_stat_activity
    WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
      AND age(backend_xid) >= age(${String(barrier.transactionId)}::text::xid8::xid)
    UNION ALL
    SELECT NULL, gid, owner::text, database::text, 'prepared transaction', prepared::text
    FROM pg_prepared_xacts WHERE age(transaction) >= age(${String(barrier.transactionId)}::text::xid8::xid)
    ORDER BY since`;
  return [...rows];
}
