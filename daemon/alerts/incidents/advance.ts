import type { Finding } from "../../finding.ts";
import { fingerprintOf, type Incident, newIncident } from "./incident.ts";
import { explains, ruleOf } from "./rules.ts";
import { isSilenced, type Silence } from "./silence.ts";

/** What a look at the stages came to. */
export type Look = {
  /** Kinds of fault that it could see: of others it says nothing, and they stay as they are. */
  readonly covers: ReadonlySet<string>;
  readonly findings: readonly Finding[];
};

/** What is known beside the incidents that are open. */
export type Past = {
  readonly silences: readonly Silence[];
  /** How often each fingerprint came to an end in the last hour. */
  readonly endings: ReadonlyMap<string, number>;
  /** Incidents that ended less than CAUSE_LINGERS_MS ago. */
  readonly ended: readonly Incident[];
};

export type Policy = {
  /** How long a message waits, from the first sight of a fault, for others to join it. */
  readonly groupMs: number;
  /** How often it is said that a fault still fires. */
  readonly repeatMs: number;
};

/** A message that is due, with the incidents that it tells of. */
export type Due = {
  readonly event: "firing" | "repeat" | "resolved";
  readonly thread: string;
  readonly incidents: readonly Incident[];
};

export type Advance = {
  /** Every incident that is open or has just ended, as it is now. */
  readonly incidents: readonly Incident[];
  /** Those that came to nothing: pending, and over. */
  readonly dropped: readonly Incident[];
  readonly due: readonly Due[];
  /** When a message is due without another look; null where none waits. */
  readonly nextDueAtMs: number | null;
};

/** A fault is over when looks have not seen it for this long; doubled with every ending in the last hour. */
const WELL_MS = 8_000;
const MAX_WELL_MS = 10 * 60_000;
/** What a fault left behind (reconnecting, catching up) is taken for its consequence for this long after its end. */
export const CAUSE_LINGERS_MS = 60_000;

/** Findings of a look that are not among the open incidents: each needs an id. Found twice is found once. */
export function unknownFindings(open: readonly Incident[], look: Look): readonly Finding[] {
  const found = new Map(look.findings.map((finding) => [fingerprintOf(finding), finding]));
  for (const { fingerprint } of open) found.delete(fingerprint);
  return [...found.values()];
}

/**
 * What a look makes of the open incidents, and which messages are due; pure. An incident is told to fire once, then at
 * each repeat interval, and to be over once if it was ever told.
 * @param ids for the `unknownFindings`, in their order
 */
export function advance(
  open: readonly Incident[],
  look: Look,
  past: Past,
  ids: readonly (number | null)[],
  nowMs: number,
  policy: Policy,
): Advance {
  const found = new Map(look.findings.map((finding) => [fingerprintOf(finding), finding]));
  const fresh = unknownFindings(open, look).map((finding, at) => newIncident(finding, ids[at] ?? null, nowMs));
  const seen = [...open, ...fresh].map((incident) => see(incident, found.get(incident.fingerprint), look, nowMs));
  const causes = [...seen, ...past.ended].filter((incident) => isFelt(incident, nowMs));
  const muted = seen.map((incident) => ({ ...incident, mutedBy: causeOf(incident, causes)?.fingerprint ?? null }));
  const isQuiet = (incident: Incident) => incident.mutedBy !== null || isSilenced(past.silences, incident, nowMs);
  const settled = muted.map((incident) => settle(fire(incident), past.endings, isQuiet(incident), nowMs));

  const firing = tellFiring(settled, isQuiet, nowMs, policy);
  const told = replace(settled, firing.due);
  const repeats = tellRepeats(told, isQuiet, nowMs, policy);
  const incidents = replace(told, repeats);
  const over = incidents.filter(({ state, toldAtMs }) => state === "resolved" && toldAtMs !== null);
  return {
    incidents: incidents.filter((incident) => !isDropped(incident)),
    dropped: incidents.filter(isDropped),
    due: [...firing.due, ...repeats, ...byThread(over).map((due) => ({ ...due, event: "resolved" as const }))],
    nextDueAtMs: firing.nextDueAtMs,
  };
}

function see(incident: Incident, finding: Finding | undefined, look: Look, nowMs: number): Incident {
  if (finding !== undefined) {
    const sightings = incident.sightings + 1;
    return { ...incident, action: undefined, ...finding, sightings, lastSeenAtMs: nowMs, wellSinceMs: null };
  }
  if (!look.covers.has(incident.kind)) return incident;
  return { ...incident, wellSinceMs: incident.wellSinceMs ?? nowMs };
}

/** Whether it may be what is behind others: it fires, or was seen so recently that its traces are. */
function isFelt({ state, wellSinceMs, lastSeenAtMs }: Incident, nowMs: number): boolean {
  if (state === "firing" && wellSinceMs === null) return true;
  return nowMs - (wellSinceMs ?? lastSeenAtMs) <= CAUSE_LINGERS_MS;
}

/** The fault that explains another, followed to the root: one that nothing explains. */
function causeOf(incident: Incident, all: readonly Incident[], past: readonly Incident[] = []): Incident | undefined {
  for (const cause of all) {
    if (cause.fingerprint === incident.fingerprint || past.includes(cause) || !explains(cause, incident)) continue;
    return causeOf(cause, all, [...past, incident]) ?? cause;
  }
  return undefined;
}

function fire(incident: Incident): Incident {
  if (incident.state !== "pending" || incident.wellSinceMs !== null) return incident;
  const { sightings, forMs } = ruleOf(incident.kind);
  const lasted = incident.lastSeenAtMs - incident.firstSeenAtMs;
  if (incident.sightings < sightings || lasted < forMs) return incident;
  return { ...incident, state: "firing", firedAtMs: incident.lastSeenAtMs };
}

/** Ends what has been well for long enough; what must be told first waits for its message. */
function settle(incident: Incident, endings: ReadonlyMap<string, number>, quiet: boolean, nowMs: number): Incident {
  const { wellSinceMs, fingerprint, kind, state, toldAtMs } = incident;
  if (wellSinceMs === null) return incident;
  if (state === "pending") return { ...incident, state: "resolved", resolvedAtMs: wellSinceMs };
  const enough = Math.min(MAX_WELL_MS, WELL_MS * 2 ** (endings.get(fingerprint) ?? 0));
  if (nowMs - wellSinceMs < enough) return incident;
  if (toldAtMs === null && ruleOf(kind).always && !quiet) return incident;
  return { ...incident, state: "resolved", resolvedAtMs: wellSinceMs };
}

/** One message tells of everything that fires and was not told, once the first of it is due. */
function tellFiring(
  incidents: readonly Incident[],
  isQuiet: (incident: Incident) => boolean,
  nowMs: number,
  { groupMs }: Policy,
): { readonly due: readonly Due[]; readonly nextDueAtMs: number | null } {
  const untold = incidents.filter(
    (incident) =>
      incident.state === "firing" &&
      incident.toldAtMs === null &&
      !isQuiet(incident) &&
      (incident.wellSinceMs === null || ruleOf(incident.kind).always),
  );
  if (untold.length === 0) return { due: [], nextDueAtMs: null };
  const dueAtMs = Math.min(...untold.map((one) => Math.max(one.firedAtMs ?? 0, one.firstSeenAtMs + groupMs)));
  if (nowMs < dueAtMs) return { due: [], nextDueAtMs: dueAtMs };
  const thread = threadOf(untold);
  return {
    due: [{ event: "firing", thread, incidents: untold.map((one) => ({ ...one, thread, toldAtMs: nowMs })) }],
    nextDueAtMs: null,
  };
}

/** Named after the incident that came first, so that the same messages have the same names after a crash. */
function threadOf(incidents: readonly Incident[]): string {
  const first = Math.min(...incidents.map((incident) => incident.firstSeenAtMs));
  const ids = incidents.flatMap(({ id }) => (id === null ? [] : [id]));
  return ids.length === 0 ? `t${first}` : `i${Math.min(...ids)}-t${first}`;
}

function tellRepeats(
  incidents: readonly Incident[],
  isQuiet: (incident: Incident) => boolean,
  nowMs: number,
  { repeatMs }: Policy,
): readonly Due[] {
  const lasting = incidents.filter(
    (one) =>
      one.state === "firing" &&
      one.wellSinceMs === null &&
      one.toldAtMs !== null &&
      one.acknowledged === null &&
      !isQuiet(one),
  );
  return byThread(lasting)
    .filter((due) => due.incidents.every(({ toldAtMs }) => nowMs - (toldAtMs ?? nowMs) >= repeatMs))
    .map((due) => ({
      ...due,
      event: "repeat" as const,
      incidents: due.incidents.map((one) => ({ ...one, toldAtMs: nowMs })),
    }));
}

function byThread(incidents: readonly Incident[]): readonly Omit<Due, "event">[] {
  const threads = Map.groupBy(incidents, ({ thread }) => thread ?? "");
  return [...threads].map(([thread, own]) => ({ thread, incidents: own }));
}

function replace(incidents: readonly Incident[], due: readonly Due[]): readonly Incident[] {
  const changed = new Map(due.flatMap((one) => one.incidents.map((incident) => [incident.fingerprint, incident])));
  return incidents.map((incident) => changed.get(incident.fingerprint) ?? incident);
}

/** Never fired: of this nothing is kept. */
function isDropped({ state, firedAtMs }: Incident): boolean {
  return state === "resolved" && firedAtMs === null;
}
