import type { Context } from "../context.ts";
import type { Finding } from "../finding.ts";
import { type FenceRecord, readFences } from "../store/fences.ts";
import type { Probe } from "./probe.ts";

/** Older fences say nothing about now. */
const RECENT_MS = 5 * 60_000;
const FENCES = 3;

/** How long a committed change takes until it can be searched: every fence is one. */
export function latencyProbe(context: Context): Probe {
  return {
    name: "latency",
    kinds: ["latency-high"],
    look: async () =>
      latencyFindings(await readFences(context.sql, FENCES), Date.now(), context.config.watchdogLatencySeconds),
  };
}

/** Judges the median of the last fences, or the stage that held up the latest; pure. @param fences latest first */
export function latencyFindings(
  fences: readonly FenceRecord[],
  nowMs: number,
  objectiveSeconds: number,
): readonly Finding[] {
  const recent = fences.filter(({ atMs }) => atMs > nowMs - RECENT_MS);
  const [latest] = recent;
  if (latest === undefined) return [];
  const base = { kind: "latency-high", severity: "warning", labels: {}, remedy: "bun run watchdog status" } as const;
  if (!latest.passed) {
    const seconds = Math.round(total(latest) / 1000);
    return [
      {
        ...base,
        severity: "critical",
        summary: `a committed change could not be searched after ${seconds} s: it is held up at the ${latest.stage}`,
        facts: { stage: latest.stage ?? "", cause: latest.cause ?? "", behind: latest.distance ?? "unknown" },
      },
    ];
  }
  const sorted = recent.filter(({ passed }) => passed).toSorted((one, other) => total(one) - total(other));
  const median = sorted[Math.floor(sorted.length / 2)];
  if (sorted.length < FENCES || median === undefined || total(median) <= objectiveSeconds * 1000) return [];
  const seconds = (total(median) / 1000).toFixed(1);
  return [
    {
      ...base,
      summary: `a committed change takes ${seconds} s until it can be searched; the objective is ${objectiveSeconds} s`,
      facts: Object.fromEntries(Object.entries(median.waits).map(([stage, ms]) => [`${stage}_ms`, ms])),
    },
  ];
}

function total({ waits }: FenceRecord): number {
  return Object.values(waits).reduce((sum, ms) => sum + ms, 0);
}
