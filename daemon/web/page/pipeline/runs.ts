import { html } from "lit-html";
import { guard } from "lit-html/directives/guard.js";
import type { Runs, RunView } from "../../api.ts";
import { palette } from "../charts/palette.ts";
import { runsOption } from "../charts/runs.ts";
import type { Actions } from "../data/actions.ts";
import type { State } from "../data/state.ts";
import { countText } from "../format/number.ts";
import type { Mark } from "../format/state.ts";
import { waitText } from "../format/time.ts";
import { behind } from "../parts/behind.ts";
import { empty, loadedOr } from "../parts/blank.ts";
import { plainClock } from "../parts/exact.ts";
import { icon } from "../parts/icon.ts";

const OUTCOMES: Readonly<Record<RunView["outcome"], readonly [Mark, string]>> = {
  clean: ["verified", "clean"],
  diverged: ["diverged", "diverged"],
  unsettled: ["in-flight", "unsettled"],
  "fence-not-passed": ["warning", "fence not passed"],
};

/** What the latest comparisons counted on both sides, and the latest row that each saw. */
export function runs(state: State, actions: Actions) {
  return html`<section class="card" aria-labelledby="runs-title">
    ${loadedOr("The runs", state.runs, state.nowMs, (value) => drawn(value, state, actions))}
  </section>`;
}

function drawn({ runs: all }: Runs, { nowMs, runsTable: chosen, status }: State, actions: Actions) {
  const order = status?.tables.map(({ table }) => table) ?? [];
  const known = new Set(all.map(({ table }) => table));
  const names = order.filter((table) => known.has(table));
  const name = chosen !== null && names.includes(chosen) ? chosen : names[0];
  const own = all.filter((run) => run.table === name);
  return html`<header>
      <h2 id="runs-title">Recent runs</h2>
      <div class="range" role="group" aria-label="Table">
        ${names.map(
          (one) =>
            html`<button type="button" aria-pressed=${one === name} @click=${() => actions.selectRuns(one)}>${one}</button>`,
        )}
      </div>
    </header>
    ${
      own.length === 0
        ? empty("No comparison has run yet.", "bun run watchdog check")
        : html`<p class="quiet key">
            <span class="thick">PostgreSQL</span> <span class="slim">Elasticsearch</span>
            <span>one line lies on the other where both hold the same</span>
          </p>
          <tide-chart
            class="tall"
            label="Rows and latest row of ${name}, PostgreSQL and Elasticsearch, run by run; the table below has the figures"
            .option=${guard([all, name, palette()], () => runsOption(own, palette()))}
          ></tide-chart>
          ${behind(`recent runs of ${name}`, columns(nowMs), own)}`
    }`;
}

function columns(nowMs: number) {
  const time = (value: string | null) => (value === null ? "–" : plainClock(value, nowMs));
  return [
    { head: "Began", cell: (run: RunView) => time(run.startedAt) },
    { head: "Run", cell: (run: RunView) => run.kind },
    { head: "Outcome", cell: (run: RunView) => html`${icon(OUTCOMES[run.outcome][0])} ${OUTCOMES[run.outcome][1]}` },
    { head: "PostgreSQL", number: true, cell: (run: RunView) => countText(run.postgresRows) },
    { head: "Elasticsearch", number: true, cell: (run: RunView) => countText(run.elasticsearchDocuments) },
    { head: "Differences", number: true, cell: (run: RunView) => countText(run.divergences) },
    { head: "Latest in PostgreSQL", cell: (run: RunView) => time(run.postgresLatest) },
    { head: "in Elasticsearch", cell: (run: RunView) => time(run.elasticsearchLatest) },
    {
      head: "Took",
      number: true,
      cell: (run: RunView) => waitText(Date.parse(run.finishedAt) - Date.parse(run.startedAt)),
    },
    {
      head: "Fence waited",
      cell: (run: RunView) =>
        Object.entries(run.fenceWaits)
          .map(([stage, ms]) => `${stage} ${waitText(ms)}`)
          .join(", "),
    },
  ];
}
