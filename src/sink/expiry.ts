import type { IHeaders } from "kafkajs";

/** The header with the time, in milliseconds since 1970, from which on a heal's event is to be dropped. */
export const EXPIRES_HEADER = "tidemark-expires";
export const HEAL_HEADER = "tidemark-heal";

/**
 * How long a heal's event may be on its way. After a delete that Elasticsearch has forgotten (index.gc_deletes, an hour)
 * an event that was read before it would bring the row back: so it must be dropped long before.
 */
export const HEAL_EXPIRY_MS = 10 * 60_000;

/** Whether a message came too late to be applied; messages without the header, as Debezium's, never do. Pure. */
export function hasExpired(headers: IHeaders | undefined, nowMs: number): boolean {
  const expires = headers?.[EXPIRES_HEADER];
  return expires !== undefined && nowMs >= Number(expires.toString());
}
