import type { IncidentView, Notification } from "../notification.ts";
import { trimIncident } from "../trim.ts";

/** Bytes of a webhook's body; trimmed, one incident has less. */
export const MAX_BODY_BYTES = 262_144;
const MAX_INCIDENTS = 100;

/**
 * A notification's body with as many of its incidents as fit MAX_BODY_BYTES, trimmed; `build` is told how many are left
 * out. Pure.
 */
export function fitBody(
  notification: Notification,
  build: (incidents: readonly IncidentView[], omitted: number) => unknown,
): string {
  const all = notification.incidents;
  for (let kept = Math.min(all.length, MAX_INCIDENTS); ; kept = Math.floor(kept / 2)) {
    const body = JSON.stringify(build(all.slice(0, kept).map(trimIncident), all.length - kept));
    if (kept <= 1 || Buffer.byteLength(body) <= MAX_BODY_BYTES) return body;
  }
}
