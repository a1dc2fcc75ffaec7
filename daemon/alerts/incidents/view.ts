import type { IncidentDetail, SilenceView } from "../../web/api.ts";
import type { HistoryEntry, Incident } from "./incident.ts";
import { matcherText } from "./matcher.ts";
import type { Silence } from "./silence.ts";

/** What is known of one incident. */
export type Told = {
  readonly incident: Incident;
  /** The silence that holds for it now. */
  readonly silence: Silence | undefined;
  /** Oldest first. */
  readonly history: readonly HistoryEntry[];
};

/** An incident as the API and the commands have it; pure. */
export function incidentView({ incident, silence, history }: Told): IncidentDetail {
  const { id, fingerprint, kind, severity, state, labels, summary, facts, remedy, action, mutedBy } = incident;
  const { acknowledged, resolvedAtMs } = incident;
  return {
    id: id ?? 0,
    ...{ fingerprint, kind, severity, state, labels, summary, facts, remedy },
    action: action ?? null,
    since: iso(incident.firstSeenAtMs),
    resolvedAt: resolvedAtMs === null ? null : iso(resolvedAtMs),
    mutedBy,
    silencedBy: silence?.id ?? null,
    acknowledged: acknowledged === null ? null : { at: iso(acknowledged.atMs), by: acknowledged.by },
    history: history.map(({ atMs, what, detail }) => ({ at: iso(atMs), what, detail })),
  };
}

/** A silence as the API and the commands have it; pure. */
export function silenceView({ id, matchers, author, reason, startsAtMs, endsAtMs }: Silence): SilenceView {
  return {
    id,
    matchers: matchers.map(matcherText),
    author,
    reason,
    startsAt: iso(startsAtMs),
    endsAt: iso(endsAtMs),
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
