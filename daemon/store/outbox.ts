import type { Postgres } from "../../src/postgres.ts";
import type { Notification } from "../alerts/notification.ts";
import { msOfTimestamp, timestampOf } from "./time.ts";

/** A message on its way to one channel. */
export type Delivery = {
  readonly sequence: number;
  readonly channel: string;
  readonly notification: Notification;
  /** Attempts that failed so far. */
  readonly failures: number;
};

/** How a delivery ends. */
export type Ending = "delivered" | "refused" | "given-up";

/**
 * Puts a message into the outbox, once for each channel with what that one is to tell. One that is there already stays
 * as it is.
 */
export async function enqueue(sql: Postgres, notification: Notification, channels: readonly string[]): Promise<void> {
  const { id, group, event, createdAtMs } = notification;
  await sql`
    INSERT INTO watchdog.notifications (id, thread, event, body, created_at)
    VALUES (${id}, ${group}, ${event}, ${JSON.stringify(notification)}::text::jsonb, ${timestampOf(createdAtMs)})
    ON CONFLICT (id) DO NOTHING`;
  for (const channel of channels) {
    await sql`
      INSERT INTO watchdog.deliveries (notification_id, channel) VALUES (${id}, ${channel})
      ON CONFLICT (notification_id, channel) DO NOTHING`;
  }
}

/**
 * The next deliveries of a channel that are due: of each thread only the first that waits, so that its messages keep
 * their order. `nextAtMs`: when to look again.
 */
export async function readDue(
  sql: Postgres,
  channel: string,
): Promise<{ readonly due: readonly Delivery[]; readonly nextAtMs: number | null }> {
  const rows = await sql<{ sequence: string; body: string; failures: number; next_attempt_at: string; due: boolean }[]>`
    SELECT DISTINCT ON (n.thread) d.sequence, n.body, d.failures, d.next_attempt_at, d.next_attempt_at <= now() AS due
    FROM watchdog.deliveries d JOIN watchdog.notifications n ON n.id = d.notification_id
    WHERE d.channel = ${channel} AND d.state = 'waiting' ORDER BY n.thread, d.sequence`;
  const later = rows.filter((row) => !row.due).map((row) => msOfTimestamp(row.next_attempt_at) ?? 0);
  const due = rows
    .filter((row) => row.due)
    .map(({ sequence, body, failures }) => ({
      sequence: Number(sequence),
      channel,
      notification: JSON.parse(body) as Notification,
      failures,
    }));
  return {
    due: due.sort((one, other) => one.sequence - other.sequence),
    nextAtMs: later.length === 0 ? null : Math.min(...later),
  };
}

export async function endDelivery(sql: Postgres, sequence: number, state: Ending, detail: string): Promise<void> {
  await sql`
    UPDATE watchdog.deliveries SET state = ${state}, detail = ${detail}, finished_at = now() WHERE sequence = ${sequence}`;
}

export async function postponeDelivery(
  sql: Postgres,
  sequence: number,
  untilMs: number,
  reason: string,
): Promise<void> {
  await sql`
    UPDATE watchdog.deliveries SET failures = failures + 1, next_attempt_at = ${timestampOf(untilMs)}, detail = ${reason}
    WHERE sequence = ${sequence}`;
}

/** The deliveries of a message that still wait. */
export async function readWaiting(
  sql: Postgres,
  notification: string,
): Promise<readonly { readonly sequence: number; readonly channel: string }[]> {
  const rows = await sql<{ sequence: string; channel: string }[]>`
    SELECT sequence, channel FROM watchdog.deliveries WHERE notification_id = ${notification} AND state = 'waiting'`;
  return rows.map(({ sequence, channel }) => ({ sequence: Number(sequence), channel }));
}
