import { composeMessage, plainText } from "../message.ts";
import type { IncidentView, Notification } from "../notification.ts";
import { isoTime } from "../time.ts";
import { fitBody } from "./fit.ts";

/** Go's zero time, which Alertmanager sends for an alert without an end. */
const NO_END = "0001-01-01T00:00:00Z";

type Alert = {
  readonly status: "firing" | "resolved";
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
  readonly fingerprint: string;
};

/**
 * The body that Alertmanager's webhook receivers take (payload version 4), as JSON text; `receiver` is the channel's name.
 * An incident's kind is the `alertname`. A test without incidents carries one alert, since receivers pass over none. Pure.
 */
export function alertmanagerBody(notification: Notification, receiver: string): string {
  return fitBody(notification, (incidents, truncatedAlerts) => {
    const told = incidents.map((incident) => alertOf(incident, notification));
    const alerts = told.length === 0 ? [emptyAlert(notification)] : told;
    const commonLabels = common(alerts.map(({ labels }) => labels));
    const { alertname } = commonLabels;
    return {
      version: "4",
      groupKey: notification.group,
      truncatedAlerts,
      status: alerts.some(({ status }) => status === "firing") ? "firing" : "resolved",
      receiver,
      groupLabels: alertname === undefined ? {} : { alertname },
      commonLabels,
      commonAnnotations: common(alerts.map(({ annotations }) => annotations)),
      externalURL: notification.statusUrl ?? "",
      alerts,
    };
  });
}

function alertOf(incident: IncidentView, notification: Notification): Alert {
  const { labels, kind, severity, summary, remedy, action, resolvedAtMs } = incident;
  return {
    status: resolvedAtMs === null ? "firing" : "resolved",
    labels: { ...promLabels(labels), alertname: kind, severity },
    annotations: {
      summary,
      description: plainText(composeMessage({ ...notification, incidents: [incident] })),
      remedy,
      ...(action === undefined ? {} : { action }),
    },
    startsAt: isoTime(incident.startedAtMs),
    endsAt: resolvedAtMs === null ? NO_END : isoTime(resolvedAtMs),
    generatorURL: notification.statusUrl ?? "",
    fingerprint: incident.fingerprint,
  };
}

function emptyAlert(notification: Notification): Alert {
  const { title } = composeMessage(notification);
  return {
    status: notification.event === "resolved" ? "resolved" : "firing",
    labels: { alertname: `tidemark-${notification.event}`, severity: "warning" },
    annotations: { summary: title, description: title },
    startsAt: isoTime(notification.createdAtMs),
    endsAt: NO_END,
    generatorURL: notification.statusUrl ?? "",
    fingerprint: notification.id,
  };
}

/** Labels by names that Prometheus allows: letters, digits and underscores, no digit first. */
function promLabels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [name.replace(/\W/g, "_").replace(/^(?=\d|$)/, "_"), value]),
  );
}

/** The entries that all have. */
function common(all: readonly Readonly<Record<string, string>>[]): Readonly<Record<string, string>> {
  const entries = Object.entries(all[0] ?? {});
  return Object.fromEntries(entries.filter(([name, value]) => all.every((one) => one[name] === value)));
}
