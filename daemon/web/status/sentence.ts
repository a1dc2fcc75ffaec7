import type { Config } from "../../../src/config.ts";
import type { Counts, TableTruth } from "./truth.ts";
import { beingHealed, exactUpToMs, heldUp, isComplete, type Judged, leftAlone, standing } from "./verdict.ts";
import { clause, clock, count, counted, duration, minutes } from "./words.ts";

/**
 * The one sentence at the top of the page: what is exact up to when, or what is not and what is done about it. Times are
 * UTC. Pure.
 */
export function sentenceOf(judged: Judged, nowMs: number): string {
  const { tables, away, healMode } = judged;
  if (away !== null) {
    return `PostgreSQL does not answer since ${clock(away.sinceMs, nowMs)} (${duration(nowMs - away.sinceMs)}). ${lastKnown(judged, nowMs)}`;
  }
  const differing = tables.filter((table) => standing(table) > 0);
  if (differing.length > 0) return differing.map((table) => differenceOf(table, healMode, nowMs)).join(" ");
  const late = heldUp(judged, nowMs);
  if (late !== null) return `${lastKnown(judged, nowMs)} ${whyLate(judged, late)}`;
  return exactly(judged, nowMs);
}

/** "12 rows of clicks differ, 14:02-14:03; healing, 8 done." */
function differenceOf(table: TableTruth, healMode: Config["healMode"], nowMs: number): string {
  const rows = standing(table);
  const { fromMs, toMs, healed, quarantined, hold } = table;
  const when = fromMs === null || toMs === null ? "" : `, ${minutes(fromMs, toMs, nowMs)}`;
  const what = `${counted(rows, "row")} of ${table.table} ${rows === 1 ? "differs" : "differ"}${when}`;
  const done = healed === 0 ? "" : `, ${count(healed)} done`;
  if (hold !== null) return `${what}; healing waits for a person: ${clause(hold)}.`;
  if (healMode !== "heal") return `${what}; nobody heals them (HEAL_MODE=${healMode}).`;
  if (leftAlone(table, healMode) === 0) return `${what}; healing${done}.`;
  const others = beingHealed(table, healMode) === 0 ? "" : `, the others are being healed${done}`;
  return `${what}; ${count(quarantined)} would not heal${others}.`;
}

/** "Exact up to 12:31:07 (2 s ago). 3 tables, 29,426 rows." */
function exactly({ tables, counts }: Judged, nowMs: number): string {
  const exactMs = exactUpToMs(tables);
  const size = sizeOf(tables, counts);
  if (exactMs === null) {
    const known = tables.filter(({ verifiedAtMs }) => verifiedAtMs !== null).length;
    return `Not yet verified: the first comparison is under way, ${known} of ${counted(tables.length, "table")} done. ${size}`;
  }
  const when = `${clock(exactMs, nowMs)} (${duration(nowMs - exactMs)} ago)`;
  if (isComplete(tables, counts)) return `Exact up to ${when}. ${size}`;
  const share = Math.floor(shareVerified(counts) * 100);
  return `Recent rows are exact up to ${when}; the first look at all others is under way, ${share} % of rows done. ${size}`;
}

function lastKnown({ tables }: Judged, nowMs: number): string {
  const exactMs = exactUpToMs(tables);
  if (exactMs === null) return "Nothing was verified yet.";
  return `Last known: exact up to ${clock(exactMs, nowMs)} (${duration(nowMs - exactMs)} ago).`;
}

const STAGES: Readonly<Record<string, string>> = {
  slot: "Debezium",
  sink: "the sink",
  elasticsearch: "Elasticsearch",
};

function whyLate({ fence }: Judged, late: "blocked" | "late"): string {
  if (late === "late") return "No comparison has ended since.";
  const behind = fence?.distance == null ? "" : `, ${fence.distance} behind`;
  return `Nothing could be compared since: held up at ${STAGES[fence?.stage ?? ""] ?? "a stage"}${behind}.`;
}

function sizeOf(tables: readonly TableTruth[], counts: ReadonlyMap<string, Counts>): string {
  const rows = [...counts.values()].map((one) => one.rows);
  const all = counted(tables.length, "table");
  if (rows.length === 0 || rows.includes(null)) return `${all}.`;
  const sum = (rows as number[]).reduce((total, one) => total + one, 0);
  return sum === 0 ? `${all}, no rows yet: bun run demo streams some.` : `${all}, ${counted(sum, "row")}.`;
}

/** Of all rows, the share in verified buckets, 0 to 1; pure. */
export function shareVerified(counts: ReadonlyMap<string, Counts>): number {
  let [rows, verified] = [0, 0];
  for (const one of counts.values()) {
    rows += one.rows ?? 0;
    verified += Math.min(one.verified ?? 0, one.rows ?? 0);
  }
  return rows === 0 ? 1 : verified / rows;
}
