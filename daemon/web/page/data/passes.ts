import type { RunView } from "../../api.ts";

/** All that was compared of a table behind one fence: times in milliseconds, null where a run did not get so far. */
export type Pass = {
  readonly atMs: number;
  readonly outcome: RunView["outcome"];
  readonly postgresRows: number | null;
  readonly elasticsearchDocuments: number | null;
  readonly postgresLatestMs: number | null;
  readonly elasticsearchLatestMs: number | null;
};

const FROM_BEST: readonly RunView["outcome"][] = ["clean", "unsettled", "fence-not-passed", "diverged"];

/**
 * Runs of one table taken together by their fence, in the order of time: the window and each touched bucket outside of it
 * are runs of their own, and drawn one by one would look like rows that come and go. Pure.
 */
export function passesOf(runs: readonly RunView[]): readonly Pass[] {
  const byFence = Map.groupBy(runs, (run) => run.fenceLsn ?? `run ${run.id}`);
  const passes = [...byFence.values()].map(passOf);
  return passes.sort((left, right) => left.atMs - right.atMs);
}

function passOf(runs: readonly RunView[]): Pass {
  // What came to no end may have counted but a part, and anew.
  const ended = runs.filter(({ outcome }) => outcome === "clean" || outcome === "diverged");
  const of = (value: (run: RunView) => number | null) => ended.map(value).filter((one) => one !== null);
  const sum = (values: readonly number[]) =>
    values.length === 0 ? null : values.reduce((one, other) => one + other, 0);
  const latest = (values: readonly number[]) => (values.length === 0 ? null : Math.max(...values));
  const time = (text: string | null) => (text === null ? null : Date.parse(text));
  return {
    atMs: Math.min(...runs.map(({ startedAt }) => Date.parse(startedAt))),
    outcome: FROM_BEST.findLast((outcome) => runs.some((run) => run.outcome === outcome)) ?? "clean",
    postgresRows: sum(of((run) => run.postgresRows)),
    elasticsearchDocuments: sum(of((run) => run.elasticsearchDocuments)),
    postgresLatestMs: latest(of((run) => time(run.postgresLatest))),
    elasticsearchLatestMs: latest(of((run) => time(run.elasticsearchLatest))),
  };
}
