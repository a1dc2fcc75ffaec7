import type { Status, TableView } from "../api.ts";
import { sentenceOf } from "./sentence.ts";
import { type Absences, type Flow, stagesOf } from "./stages.ts";
import type { OpenIncident, TableTruth } from "./truth.ts";
import { beingHealed, exactUpToMs, type Judged, verdictOf } from "./verdict.ts";

/** All that a status is made of. */
export type Known = Judged & {
  readonly incidents: readonly OpenIncident[];
  readonly flow: Flow;
  readonly absences: Absences;
  readonly revision: number;
  readonly leading: boolean;
};

/** The status of one moment; pure. */
export function statusOf(known: Known, nowMs: number): Status {
  const { tables, incidents } = known;
  const exactMs = exactUpToMs(tables);
  return {
    at: iso(nowMs),
    sentence: sentenceOf(known, nowMs),
    verdict: verdictOf(known, nowMs),
    exactUpTo: exactMs === null ? null : iso(exactMs),
    revision: known.revision,
    stages: stagesOf(known.flow, incidents, known.absences),
    tables: tables.map((table) => tableView(table, known)),
    incidents: {
      firing: incidents.filter(({ state }) => state === "firing").length,
      pending: incidents.filter(({ state }) => state === "pending").length,
    },
    leading: known.leading,
  };
}

function tableView(table: TableTruth, { counts, healMode }: Known): TableView {
  const count = counts.get(table.table);
  const rows = count?.rows ?? null;
  return {
    table: table.table,
    rows,
    documents: count?.documents ?? null,
    exactUpTo: table.verifiedAtMs === null ? null : iso(table.verifiedAtMs),
    exactUpToLsn: table.verifiedLsn,
    everyBucketSince: table.everyBucketSinceMs === null ? null : iso(table.everyBucketSinceMs),
    coverage: coverage(rows, count?.verified ?? null),
    divergences: table.divergences,
    healing: beingHealed(table, healMode),
    quarantined: table.quarantined,
    hold: table.hold,
  };
}

function coverage(rows: number | null, verified: number | null): number {
  if (rows === null || verified === null) return 0;
  return rows === 0 ? 1 : Math.min(1, verified / rows);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
