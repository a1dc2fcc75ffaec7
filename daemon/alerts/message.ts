import type { IncidentView, Notification } from "./notification.ts";
import { oneLine } from "./text.ts";
import { durationText, isoTime } from "./time.ts";
import { trimIncident } from "./trim.ts";

/** Incidents that one message shows; a flood is told by its count. */
const MAX_SECTIONS = 50;

export type Field = {
  readonly name: string;
  readonly value: string;
  /** To be shown as it is to be typed. */
  readonly literal: boolean;
};

export type Section = {
  /** Null where the message is about one incident, and its title says it all. */
  readonly heading: string | null;
  readonly fields: readonly Field[];
  readonly consequences: readonly string[];
};

/** A message for people, before it is text, HTML or Slack's. Not escaped for any of them. */
export type Message = {
  /** One line: what happened, how bad, to what. */
  readonly title: string;
  readonly sections: readonly Section[];
  /** Incidents beyond those shown. */
  readonly omitted: number;
  readonly statusUrl: string | null;
};

/** What a notification says to people; pure. All text in it is free of control characters and of bounded length. */
export function composeMessage(notification: Notification): Message {
  const incidents = notification.incidents.slice(0, MAX_SECTIONS).map(trimIncident);
  return {
    title: titleOf(notification),
    sections: incidents.map((incident) => sectionOf(incident, incidents.length > 1)),
    omitted: notification.incidents.length - incidents.length,
    statusUrl: webAddress(notification.statusUrl),
  };
}

/**
 * The subject that all emails of a thread share: mail programs break a thread where it changes, so it has no figures, no
 * time and no state. It names the incident with the lowest id. Pure.
 */
export function threadSubject(notification: Notification): string {
  const [first] = notification.incidents.toSorted((one, other) => (one.id ?? 0) - (other.id ?? 0));
  if (notification.event === "test") return "[Tidemark] test";
  if (first === undefined) return "[Tidemark] alert";
  const { kind, labels } = trimIncident(first);
  return oneLine(["[Tidemark]", kind, labelText(labels)].join(" "), 150);
}

/** A message as plain text. */
export function plainText(message: Message): string {
  const blocks = [
    message.title,
    ...message.sections.map(sectionText),
    ...(message.omitted > 0 ? [`and ${message.omitted} more incidents`] : []),
    ...(message.statusUrl === null ? [] : [`Status page: ${message.statusUrl}`]),
  ];
  return `${blocks.join("\n\n")}\n`;
}

/** The one line that stands for several: `the first (and 2 more)`. */
function titleOf({ event, incidents, createdAtMs }: Notification): string {
  const [first] = incidents.map(trimIncident);
  if (first === undefined)
    return event === "test" ? "Test: this channel works; nothing is wrong" : `Tidemark: ${event}`;
  const others = incidents.length > 1 ? ` (and ${incidents.length - 1} more)` : "";
  return `${stateOf(first, event, createdAtMs)}: ${first.summary}${others}`;
}

function stateOf(incident: IncidentView, event: Notification["event"], nowMs: number): string {
  if (event === "test") return "Test";
  if (event === "resolved") {
    return `Resolved after ${durationText((incident.resolvedAtMs ?? nowMs) - incident.startedAtMs)}`;
  }
  const lasting = event === "repeat" ? `Still firing after ${durationText(nowMs - incident.startedAtMs)}` : "Firing";
  return `${lasting}, ${incident.severity}`;
}

function sectionOf(incident: IncidentView, several: boolean): Section {
  const { resolvedAtMs, severity, summary } = incident;
  const heading = `${resolvedAtMs === null ? "Firing" : "Resolved"}, ${severity}: ${summary}`;
  const about = labelText(incident.labels);
  const fields = [
    field("Since", isoTime(incident.startedAtMs)),
    ...(resolvedAtMs === null
      ? []
      : [field("Until", isoTime(resolvedAtMs)), field("Lasted", durationText(resolvedAtMs - incident.startedAtMs))]),
    field("Incident", [incident.id, incident.kind, about].filter((part) => part !== null && part !== "").join(", ")),
    ...Object.entries(incident.facts).map(([name, value]) => field(name.replaceAll("_", " "), String(value))),
    ...(resolvedAtMs === null ? remedyFields(incident) : []),
  ];
  return { heading: several ? heading : null, fields, consequences: incident.consequences };
}

function remedyFields({ action, remedy }: IncidentView): readonly Field[] {
  return [
    field("The watchdog", action ?? "does nothing about it by itself"),
    ...(remedy === "" ? [] : [{ name: "Do", value: remedy, literal: true }]),
  ];
}

function field(name: string, value: string): Field {
  return { name, value, literal: false };
}

function labelText(labels: IncidentView["labels"]): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}

function sectionText(section: Section): string {
  const { consequences, fields, heading } = section;
  return [
    ...(heading === null ? [] : [heading]),
    ...fields.map(({ name, value }) => (value.includes("\n") ? `${name}:\n${indented(value)}` : `${name}: ${value}`)),
    ...(consequences.length === 0 ? [] : [MUTED, ...consequences.map((summary) => `- ${summary}`)]),
  ].join("\n");
}

/** Said above the consequences of a fault. */
export const MUTED = "Taken for its consequences, and not told by themselves:";

function indented(text: string): string {
  return text.replace(/^/gm, "  ");
}

/** The address in its normal form, without login; null where it is no http(s) address that fits a message. */
function webAddress(address: string | null): string | null {
  const url = address === null ? null : URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) return null;
  [url.username, url.password] = ["", ""];
  return url.href.length > 500 ? null : url.href;
}
