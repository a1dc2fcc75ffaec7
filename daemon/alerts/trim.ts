import type { IncidentView } from "./notification.ts";
import { manyLines, oneLine } from "./text.ts";

const MAX_ENTRIES = 30;
const MAX_CONSEQUENCES = 20;

/**
 * An incident small and clean enough for any receiver, whatever the data held: at most about 30,000 characters, no control
 * characters. Pure. What is left out of a list is said in the list.
 */
export function trimIncident(incident: IncidentView): IncidentView {
  const { consequences } = incident;
  const left = consequences.length - MAX_CONSEQUENCES;
  return {
    ...incident,
    fingerprint: oneLine(incident.fingerprint, 200),
    kind: oneLine(incident.kind, 100),
    labels: trimEntries(incident.labels, (value) => oneLine(value, 200)),
    summary: oneLine(incident.summary, 500),
    facts: trimEntries(incident.facts, (value) => (typeof value === "string" ? oneLine(value, 500) : value)),
    remedy: manyLines(incident.remedy, 1000),
    ...(incident.action === undefined ? {} : { action: oneLine(incident.action, 500) }),
    consequences: [
      ...consequences.slice(0, MAX_CONSEQUENCES).map((summary) => oneLine(summary, 300)),
      ...(left > 0 ? [`and ${left} more`] : []),
    ],
  };
}

function trimEntries<Value>(
  entries: Readonly<Record<string, Value>>,
  trim: (value: Value) => Value,
): Readonly<Record<string, Value>> {
  const all = Object.entries(entries);
  return Object.fromEntries(all.slice(0, MAX_ENTRIES).map(([name, value]) => [oneLine(name, 100), trim(value)]));
}
