import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { Counted, Measures, RunMeasure } from "../../store/measures.ts";
import type { Outcome, RunKind } from "../../store/runs.ts";

const KINDS: readonly RunKind[] = ["recent", "scrub", "check"];
const OUTCOMES: readonly Outcome[] = ["clean", "diverged", "unsettled", "fence-not-passed"];

/**
 * Counts runs and fences as they come into the store, which forgets old ones: a count of what it holds would fall. So
 * these counters begin with the process.
 */
export class RunCounts {
  private since: Counted = { run: null, fence: null };
  private readonly runs: Counter<"table" | "kind" | "outcome">;
  private readonly lastSuccess: Gauge<"table" | "kind">;
  private readonly lastSeconds: Gauge<"table" | "kind">;
  private readonly waits: Histogram<"stage">;
  private readonly fences: Counter<"passed">;

  constructor(
    registry: Registry,
    private readonly tables: readonly string[],
    read: () => Promise<Measures | undefined>,
  ) {
    const registers = [registry];
    // One of them reads: prom-client waits for all before it prints any.
    const collect = async () => void (await read());
    this.runs = new Counter({
      name: "tidemark_watchdog_runs_total",
      help: "Comparisons of a table, by what they came to, since this process began",
      labelNames: ["table", "kind", "outcome"],
      registers,
      collect,
    });
    this.lastSuccess = new Gauge({
      name: "tidemark_watchdog_run_last_success_timestamp_seconds",
      help: "When a comparison last came through, whether or not rows differed",
      labelNames: ["table", "kind"],
      registers,
      collect,
    });
    this.lastSeconds = new Gauge({
      name: "tidemark_watchdog_run_last_duration_seconds",
      help: "How long the last comparison took, its fence included",
      labelNames: ["table", "kind"],
      registers,
      collect,
    });
    this.waits = new Histogram({
      name: "tidemark_watchdog_fence_wait_seconds",
      help: "How long a stage took to let a fence pass: from commit to searchable, stage by stage",
      labelNames: ["stage"],
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60, 120],
      registers,
      collect,
    });
    this.fences = new Counter({
      name: "tidemark_watchdog_fences_total",
      help: "Fences of the recent runs, by whether every stage let them pass, since this process began",
      labelNames: ["passed"],
      registers,
      collect,
    });
    for (const passed of ["true", "false"]) this.fences.inc({ passed }, 0);
    for (const table of tables) {
      for (const kind of KINDS) for (const outcome of OUTCOMES) this.runs.inc({ table, kind, outcome }, 0);
    }
  }

  /** What was counted already. */
  counted(): Counted {
    return this.since;
  }

  /** Counts what a reading found since; what was there before the process is known, and not counted. */
  take({ runs, fences }: Pick<Measures, "runs" | "fences">): void {
    for (const run of runs) {
      if (this.since.run !== null) this.runs.inc({ table: run.table, kind: run.kind, outcome: run.outcome }, run.count);
    }
    for (const table of this.tables) {
      for (const kind of KINDS) {
        this.takeLast(
          table,
          kind,
          runs.filter((run) => run.table === table && run.kind === kind),
        );
      }
    }
    for (const { passed, waits } of fences) {
      if (this.since.fence !== null) this.fences.inc({ passed: String(passed) });
      for (const [stage, ms] of Object.entries(waits)) this.waits.observe({ stage }, ms / 1000);
    }
    this.since = {
      run: Math.max(this.since.run ?? 0, ...runs.map(({ lastId }) => lastId)),
      fence: Math.max(this.since.fence ?? 0, ...fences.map(({ id }) => id)),
    };
  }

  private takeLast(table: string, kind: RunKind, runs: readonly RunMeasure[]): void {
    const last = runs.toSorted((one, other) => other.lastId - one.lastId)[0];
    if (last === undefined) return;
    this.lastSeconds.set({ table, kind }, last.lastSeconds);
    const through = runs.filter(({ outcome }) => outcome !== "fence-not-passed");
    if (through.length === 0) return;
    this.lastSuccess.set({ table, kind }, Math.max(...through.map(({ lastFinishedAt }) => lastFinishedAt)));
  }
}
