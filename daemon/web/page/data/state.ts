import type { BucketEvidence, Buckets, Dashboard, Incidents, Runs, RunView, Silences, Status } from "../../api.ts";
import type { Ask } from "../asks/ask.ts";
import { DEFAULT_RANGE, type Range } from "./range.ts";

export type View = "pipeline" | "dashboard";

/** What was last loaded from an address, and since when loading it fails. What was loaded stays when it does. */
export type Loaded<T> = {
  readonly value: T | null;
  readonly failure: { readonly message: string; readonly sinceMs: number } | null;
};

/** The stream of events: `sinceMs` is when it was last heard. */
export type Connection = { readonly state: "connecting" | "live" | "lost"; readonly sinceMs: number };

/** The cell of the heat map whose evidence is shown. */
export type Selection = { readonly table: string; readonly from: string; readonly to: string };

export type RunsOf = { readonly table: string | null; readonly kind: RunView["kind"] };

/** All that the page shows; the views are functions of it. */
export type State = {
  readonly nowMs: number;
  readonly view: View;
  readonly range: Range;
  readonly connection: Connection;
  readonly status: Status | null;
  readonly buckets: Loaded<Buckets>;
  readonly incidents: Loaded<Incidents>;
  readonly silences: Loaded<Silences>;
  readonly runs: Loaded<Runs>;
  readonly dashboard: Loaded<Dashboard>;
  readonly selection: Selection | null;
  readonly evidence: Loaded<BucketEvidence>;
  /** Whose runs are drawn; without a table, the first's. */
  readonly runsOf: RunsOf;
  /** The question that stands before the page. */
  readonly ask: Ask | null;
  /** What is said once of something done. */
  readonly notice: string;
  /** What only readers of the screen are told: a change of the answer, not each second of it. */
  readonly spoken: string;
};

const NOTHING = { value: null, failure: null };

export const INITIAL: State = {
  nowMs: Date.now(),
  view: "pipeline",
  range: DEFAULT_RANGE,
  connection: { state: "connecting", sinceMs: Date.now() },
  status: null,
  buckets: NOTHING,
  incidents: NOTHING,
  silences: NOTHING,
  runs: NOTHING,
  dashboard: NOTHING,
  selection: null,
  evidence: NOTHING,
  runsOf: { table: null, kind: "recent" },
  ask: null,
  notice: "",
  spoken: "",
};

/** The state after a load that failed: the last value stays, and the first failure's time. Pure. */
export function failed<T>(before: Loaded<T>, message: string, nowMs: number): Loaded<T> {
  return { value: before.value, failure: { message, sinceMs: before.failure?.sinceMs ?? nowMs } };
}
