import type { Config } from "../src/config.ts";
import { messageOf } from "../src/errors.ts";
import type { Log } from "../src/log.ts";
import { connectPostgres, type Postgres } from "../src/postgres.ts";
import { sleep } from "../src/sleep.ts";

/** Any constant will do, as long as no other program locks it in this database: "watc" in ASCII. */
const LEADER_LOCK = 0x77617463;
const RETRY_MS = 2_000;
const CHECK_TIMEOUT_MS = 5_000;

/** What a watchdog that does not lead is told of. */
export type Standby = {
  /** PostgreSQL did not answer, and as far as is known no other watchdog leads. */
  unreachable(reason: string): void;
  /** PostgreSQL answers. */
  reachable(sql: Postgres): Promise<void>;
};

/**
 * Leads for as long as it holds an advisory lock of PostgreSQL: waits for the lock, runs `lead`, whose signal is aborted
 * when the lock's connection is lost, and then waits again. Ends with `signal`.
 */
export async function leadWhenElected(
  config: Config,
  log: Log,
  signal: AbortSignal,
  standby: Standby,
  lead: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  let waiting = false;
  let complaint = "";
  while (!signal.aborted) {
    const sql = connectPostgres(config, "watchdog", { connections: 1, program: "tidemark-watchdog-leader" });
    try {
      const elected = await isElected(sql);
      await standby.reachable(sql);
      complaint = "";
      if (elected) {
        waiting = false;
        log.info("leading");
        await leadUntilLost(sql, log, signal, lead);
        if (!signal.aborted) log.warn("the lead was lost: PostgreSQL's connection went");
      } else if (!waiting) {
        waiting = true;
        log.info("another watchdog leads; standing by");
      }
    } catch (error) {
      // Once for each reason: it is tried every two seconds.
      if (messageOf(error) !== complaint) log.warn("the lead cannot be taken yet", { error: messageOf(error) });
      complaint = messageOf(error);
      // Where another one led, it is the one that tells.
      if (!waiting && !signal.aborted) standby.unreachable(messageOf(error));
    } finally {
      await sql.end({ timeout: 1 }).catch(() => {});
    }
    await sleep(RETRY_MS, signal);
  }
}

async function isElected(sql: Postgres): Promise<boolean> {
  // A dead peer's machine, not only its process, must free the lock within seconds.
  await sql`SET tcp_keepalives_idle = 2`;
  await sql`SET tcp_keepalives_interval = 1`;
  await sql`SET tcp_keepalives_count = 3`;
  const [row] = await sql<{ elected: boolean }[]>`SELECT pg_try_advisory_lock(${LEADER_LOCK}) AS elected`;
  return row?.elected ?? false;
}

async function leadUntilLost(
  sql: Postgres,
  log: Log,
  signal: AbortSignal,
  lead: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const lost = new AbortController();
  const onStop = () => lost.abort();
  signal.addEventListener("abort", onStop, { once: true });
  const leading = lead(lost.signal).finally(() => lost.abort());
  while (!lost.signal.aborted) {
    await sleep(RETRY_MS, lost.signal);
    if (!lost.signal.aborted && !(await stillHeld(sql))) lost.abort();
  }
  signal.removeEventListener("abort", onStop);
  await leading.catch((error) => log.error("leading failed", { error: messageOf(error) }));
}

/** A connection that was made anew by the driver holds no lock: so the lock itself is asked for. */
async function stillHeld(sql: Postgres): Promise<boolean> {
  const answer = sql<{ held: boolean }[]>`
    SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = ${LEADER_LOCK}
      AND pid = pg_backend_pid()) AS held`.then(([row]) => row?.held ?? false);
  const late = sleep(CHECK_TIMEOUT_MS).then(() => false);
  return Promise.race([answer, late]).catch(() => false);
}
