import type { Due } from "./incidents/advance.ts";
import { type Incident, viewOf } from "./incidents/incident.ts";
import type { Notification } from "./notification.ts";
import { type Route, shareOut } from "./routes.ts";

/** A message and the channels that it is for. */
export type Announcement = { readonly notification: Notification; readonly channels: readonly string[] };

/**
 * The messages for what is due; pure. Their ids follow from what they say and when it was decided: the same message has
 * the same id, however often it is made.
 */
export function announce(
  due: Due,
  all: readonly Incident[],
  routes: readonly Route[],
  nowMs: number,
  statusUrl: string | null,
): readonly Announcement[] {
  return shareOut(due.incidents, routes).map(({ channels, incidents }) => ({
    channels,
    notification: {
      id: ["msg", due.thread, due.event, nowMs, ...channels].join("_").slice(0, 100),
      event: due.event,
      group: due.thread,
      incidents: incidents.map((incident) => viewOf(incident, all)),
      createdAtMs: nowMs,
      statusUrl,
    },
  }));
}
