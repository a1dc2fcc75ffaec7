import type { Finding } from "../finding.ts";
import type { Probe } from "./probe.ts";

/** When a schedule last did what it is for. */
export type Due = {
  readonly run: string;
  /** In milliseconds since 1970; of a watchdog that just began, when it began. */
  readonly lastGoodAtMs: number;
  readonly everyMs: number;
};

const TIMES = 3;
/** A run may wait for a fence as long as this, on top of its turns. */
const GRACE_MS = 90_000;

/** The watchdog's own runs: those that are overdue. */
export function runsProbe(read: () => readonly Due[]): Probe {
  return { name: "runs", kinds: ["run-overdue"], look: async () => runFindings(read(), Date.now()) };
}

/** Pure. */
export function runFindings(due: readonly Due[], nowMs: number): readonly Finding[] {
  return due
    .filter(({ lastGoodAtMs, everyMs }) => nowMs - lastGoodAtMs > TIMES * everyMs + GRACE_MS)
    .map(({ run, lastGoodAtMs, everyMs }) => ({
      kind: "run-overdue",
      severity: "critical",
      labels: { run },
      summary: `the watchdog's ${run} run has not come through for ${Math.round((nowMs - lastGoodAtMs) / 1000)} s: what it would find is not known`,
      facts: { every_seconds: Math.round(everyMs / 1000), last_good: new Date(lastGoodAtMs).toISOString() },
      remedy: "bun run doctor",
    }));
}
