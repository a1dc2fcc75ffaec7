import type { Finding } from "../../finding.ts";
import type { IncidentView } from "../notification.ts";

/** One thing that happened to an incident. */
export type HistoryEntry = { readonly atMs: number; readonly what: string; readonly detail: string };

/**
 * One lasting fault. `pending`: seen, but not yet for long enough; `firing`; `resolved`: over, and no longer changed.
 * Times in milliseconds since 1970.
 */
export type Incident = Finding & {
  /** Null while PostgreSQL, which gives it, is away. */
  readonly id: number | null;
  readonly fingerprint: string;
  readonly state: "pending" | "firing" | "resolved";
  /** Looks that saw it. */
  readonly sightings: number;
  readonly firstSeenAtMs: number;
  readonly lastSeenAtMs: number;
  readonly firedAtMs: number | null;
  /** Since when looks no longer see it; null while they do. */
  readonly wellSinceMs: number | null;
  readonly resolvedAtMs: number | null;
  /** Fingerprint of the fault that this is taken for a consequence of. */
  readonly mutedBy: string | null;
  /** The last message that said that it fires, and the thread of its messages. */
  readonly toldAtMs: number | null;
  readonly thread: string | null;
  readonly acknowledged: { readonly atMs: number; readonly by: string } | null;
};

/** The identity of a fault: `slot-missing{slot="tidemark"}`. */
export function fingerprintOf({ kind, labels }: Pick<Finding, "kind" | "labels">): string {
  const names = Object.keys(labels).sort();
  return `${kind}{${names.map((name) => `${name}=${JSON.stringify(labels[name])}`).join(",")}}`;
}

/** A fault as it is seen for the first time. */
export function newIncident(finding: Finding, id: number | null, nowMs: number): Incident {
  return {
    ...finding,
    id,
    fingerprint: fingerprintOf(finding),
    state: "pending",
    sightings: 0,
    firstSeenAtMs: nowMs,
    lastSeenAtMs: nowMs,
    firedAtMs: null,
    wellSinceMs: null,
    resolvedAtMs: null,
    mutedBy: null,
    toldAtMs: null,
    thread: null,
    acknowledged: null,
  };
}

/** An incident as a message shows it, with the summaries of its consequences among `all`. */
export function viewOf(incident: Incident, all: readonly Incident[]): IncidentView {
  const { id, fingerprint, kind, severity, labels, summary, facts, remedy, action, resolvedAtMs } = incident;
  const consequences = all.filter((one) => one.mutedBy === fingerprint && one.state !== "resolved");
  return {
    ...{ id, fingerprint, kind, severity, labels, summary, facts, remedy, resolvedAtMs },
    ...(action === undefined ? {} : { action }),
    startedAtMs: incident.firstSeenAtMs,
    consequences: consequences.map((one) => one.summary),
  };
}
