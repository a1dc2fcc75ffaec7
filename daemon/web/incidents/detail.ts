import type { Incident } from "../../alerts/incidents/incident.ts";
import type { HistoryEntry } from "../../store/history.ts";
import type { IncidentDetail } from "../api.ts";

/** An incident as the API and the commands have it; pure. @param silencedBy the silence that holds for it */
export function detailOf(
  incident: Incident,
  history: readonly HistoryEntry[],
  silencedBy: number | null,
): IncidentDetail {
  const { id, fingerprint, kind, severity, state, labels, summary, facts, remedy, action, mutedBy } = incident;
  const { acknowledged, resolvedAtMs } = incident;
  return {
    id: id ?? 0,
    ...{ fingerprint, kind, severity, state, labels, summary, facts, remedy },
    action: action ?? null,
    since: iso(incident.firstSeenAtMs),
    resolvedAt: resolvedAtMs === null ? null : iso(resolvedAtMs),
    mutedBy,
    silencedBy,
    acknowledged: acknowledged === null ? null : { at: iso(acknowledged.atMs), by: acknowledged.by },
    history: history.map(({ atMs, what, detail }) => ({ at: iso(atMs), what, detail })),
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
