import type { BucketState, Stage, Status } from "../../api.ts";

/** What colours, shapes and words are there for: the five states of a bucket, and a warning. */
export type Mark = BucketState | "warning";

export const STATE_WORDS: Readonly<Record<BucketState, string>> = {
  verified: "verified",
  "in-flight": "in flight",
  healing: "healing",
  diverged: "diverged",
  unverified: "not yet verified",
};

/** From the best to the worst. */
export const STATES = Object.keys(STATE_WORDS) as readonly BucketState[];

const HEALTH_MARKS: Readonly<Record<Stage["health"], Mark>> = {
  well: "verified",
  warning: "warning",
  critical: "diverged",
  unknown: "unverified",
};

const VERDICT_MARKS: Readonly<Record<Status["verdict"], Mark>> = {
  exact: "verified",
  healing: "healing",
  diverged: "diverged",
  unknown: "unverified",
};

const TITLES: Readonly<Record<Status["verdict"], string>> = {
  exact: "Exact",
  healing: "Healing",
  diverged: "Diverged",
  unknown: "Not known",
};

/** What a tab in the background says. */
export function titleOf(verdict: Status["verdict"]): string {
  return `${TITLES[verdict]}: Tidemark`;
}

export function healthMark(health: Stage["health"]): Mark {
  return HEALTH_MARKS[health];
}

export function verdictMark(verdict: Status["verdict"]): Mark {
  return VERDICT_MARKS[verdict];
}
