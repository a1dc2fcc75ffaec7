import type { Postgres } from "../../src/postgres.ts";
import { msOfTimestamp } from "./time.ts";

/** How a channel fares; times in milliseconds since 1970. */
export type ChannelState = {
  readonly name: string;
  readonly delivered: number;
  readonly failed: number;
  /** Since when no attempt has got through; null where the last one did. */
  readonly failingSinceMs: number | null;
  /** Its receiver wants no more messages. */
  readonly disabledAtMs: number | null;
  readonly lastError: string;
  readonly waiting: number;
};

/** Of each of these channels, how it fares; one that has never been used is well. */
export async function readChannels(sql: Postgres, names: readonly string[]): Promise<readonly ChannelState[]> {
  const rows = await sql<
    {
      name: string;
      delivered: string;
      failed: string;
      failing_since: string | null;
      disabled_at: string | null;
      last_error: string;
      waiting: number;
    }[]
  >`
    SELECT asked.name, coalesce(delivered, 0) AS delivered, coalesce(failed, 0) AS failed, failing_since, disabled_at,
      coalesce(last_error, '') AS last_error,
      (SELECT count(*)::int FROM watchdog.deliveries d WHERE d.channel = asked.name AND d.state = 'waiting') AS waiting
    FROM unnest(${names as string[]}::text[]) AS asked(name) LEFT JOIN watchdog.channels USING (name) ORDER BY 1`;
  return rows.map((row) => ({
    name: row.name,
    delivered: Number(row.delivered),
    failed: Number(row.failed),
    failingSinceMs: row.failing_since === null ? null : msOfTimestamp(row.failing_since),
    disabledAtMs: row.disabled_at === null ? null : msOfTimestamp(row.disabled_at),
    lastError: row.last_error,
    waiting: row.waiting,
  }));
}

/** An attempt got through: the channel works, also if it was off. */
export async function noteDelivered(sql: Postgres, name: string): Promise<void> {
  await sql`
    INSERT INTO watchdog.channels AS c (name, delivered, last_delivered_at) VALUES (${name}, 1, now())
    ON CONFLICT (name) DO UPDATE SET delivered = c.delivered + 1, last_delivered_at = now(), failing_since = NULL,
      disabled_at = NULL`;
}

export async function noteFailed(sql: Postgres, name: string, reason: string): Promise<void> {
  await sql`
    INSERT INTO watchdog.channels AS c (name, failed, failing_since, last_error) VALUES (${name}, 1, now(), ${reason})
    ON CONFLICT (name) DO UPDATE SET failed = c.failed + 1, failing_since = coalesce(c.failing_since, now()),
      last_error = ${reason}`;
}

/** The receiver answered that it is gone. */
export async function noteDisabled(sql: Postgres, name: string, reason: string): Promise<void> {
  await noteFailed(sql, name, reason);
  await sql`UPDATE watchdog.channels SET disabled_at = coalesce(disabled_at, now()) WHERE name = ${name}`;
}
