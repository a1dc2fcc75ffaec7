import type { IncidentView, Notification } from "../notification.ts";
import { isoTime } from "../time.ts";
import { fitBody } from "./fit.ts";

/**
 * Tidemark's own body, as JSON text: `type`, `timestamp` and `data`, as the Standard Webhooks specification advises
 * ("Payload structure"). `timestamp` is when the message was decided on, not when it was sent. Pure.
 */
export function tidemarkBody(notification: Notification): string {
  return fitBody(notification, (incidents, omittedIncidents) => ({
    type: `incident.${notification.event}`,
    timestamp: isoTime(notification.createdAtMs),
    data: {
      group: notification.group,
      statusUrl: notification.statusUrl,
      incidents: incidents.map(incidentOf),
      omittedIncidents,
    },
  }));
}

function incidentOf({ startedAtMs, resolvedAtMs, action, ...incident }: IncidentView) {
  return {
    ...incident,
    action: action ?? null,
    status: resolvedAtMs === null ? "firing" : "resolved",
    startedAt: isoTime(startedAtMs),
    resolvedAt: resolvedAtMs === null ? null : isoTime(resolvedAtMs),
  };
}
