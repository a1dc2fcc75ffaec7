import { html } from "lit-html";
import type { RunView } from "../../api.ts";
import { countText } from "../format/number.ts";
import type { Mark } from "../format/state.ts";
import { waitText } from "../format/time.ts";
import { plainClock } from "../parts/exact.ts";
import { icon } from "../parts/icon.ts";

const OUTCOMES: Readonly<Record<RunView["outcome"], readonly [Mark, string]>> = {
  clean: ["verified", "clean"],
  diverged: ["diverged", "diverged"],
  unsettled: ["in-flight", "unsettled"],
  "fence-not-passed": ["warning", "fence not passed"],
};

/** What the table of runs says of each. */
export function runColumns(nowMs: number) {
  const time = (value: string | null) => (value === null ? "–" : plainClock(value, nowMs));
  const outcome = ({ outcome: name }: RunView) => html`${icon(OUTCOMES[name][0])} ${OUTCOMES[name][1]}`;
  const took = ({ startedAt, finishedAt }: RunView) => waitText(Date.parse(finishedAt) - Date.parse(startedAt));
  const waits = ({ fenceWaits }: RunView) =>
    Object.entries(fenceWaits).map(([stage, ms]) => `${stage} ${waitText(ms)}`);
  return [
    { head: "Began", cell: (run: RunView) => time(run.startedAt) },
    { head: "Run", cell: (run: RunView) => run.kind },
    { head: "Outcome", cell: outcome },
    { head: "PostgreSQL", number: true, cell: (run: RunView) => countText(run.postgresRows) },
    { head: "Elasticsearch", number: true, cell: (run: RunView) => countText(run.elasticsearchDocuments) },
    { head: "Differences", number: true, cell: (run: RunView) => countText(run.divergences) },
    { head: "Latest in PostgreSQL", cell: (run: RunView) => time(run.postgresLatest) },
    { head: "in Elasticsearch", cell: (run: RunView) => time(run.elasticsearchLatest) },
    { head: "Took", number: true, cell: took },
    { head: "Fence waited", cell: (run: RunView) => waits(run).join(", ") },
  ];
}
