import type { Postgres } from "../../src/postgres.ts";
import { about, type Check } from "./check.ts";

/** A transaction that has written; `pid` null: a prepared one, named by `gid`. */
export type Transaction = {
  readonly pid: number | null;
  readonly gid: string | null;
  readonly user: string;
  readonly database: string;
  readonly application: string;
  readonly seconds: number;
};

const OLD_SECONDS = 5 * 60;

export const transactionChecks = ["transactions", "prepared-transactions"] as const;

/** Asks for the transactions that have an id, of every database: only those hold a heal's barrier back. */
export async function askTransactions(sql: Postgres): Promise<readonly Transaction[]> {
  return sql<Transaction[]>`
    SELECT pid, NULL AS gid, coalesce(usename, '') AS user, coalesce(datname, '') AS database,
           coalesce(application_name, '') AS application,
           coalesce(extract(epoch FROM clock_timestamp() - xact_start), 0)::int AS seconds
    FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
    UNION ALL
    SELECT NULL, gid, owner::text, database::text, '', extract(epoch FROM clock_timestamp() - prepared)::int
    FROM pg_prepared_xacts`;
}

/** Warns of transactions that are old: a heal waits for them; pure. */
export function judgeTransactions(transactions: readonly Transaction[]): readonly Check[] {
  const limit = `none older than ${OLD_SECONDS / 60} minutes: a heal waits for it, and WAL is kept`;
  const old = transactions.filter(({ seconds }) => seconds > OLD_SECONDS);
  const running = old.filter(({ pid }) => pid !== null);
  const prepared = old.filter(({ pid }) => pid === null);
  return [
    ...(running.length === 0 ? [about("transactions", limit).ok("none")] : running.map(warnRunning)),
    ...(prepared.length === 0 ? [about("prepared-transactions", limit).ok("none")] : prepared.map(warnPrepared)),
  ];

  function warnRunning({ pid, user, database, application, seconds }: Transaction): Check {
    return about("transactions", limit, { pid: String(pid) }).warn(
      `backend ${pid} (${user}, ${application || "unnamed"}, database ${database}) has written for ${seconds} s without an end`,
      `SELECT pg_terminate_backend(${pid});`,
    );
  }

  function warnPrepared({ gid, user, database, seconds }: Transaction): Check {
    const name = `'${gid?.replaceAll("'", "''")}'`;
    return about("prepared-transactions", limit, { gid: String(gid) }).warn(
      `${name} of ${user} was prepared ${seconds} s ago`,
      `in database ${database}: COMMIT PREPARED ${name}; or ROLLBACK PREPARED ${name};`,
    );
  }
}
