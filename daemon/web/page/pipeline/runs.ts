import { html } from "lit-html";
import { guard } from "lit-html/directives/guard.js";
import type { RunView } from "../../api.ts";
import { palette } from "../charts/palette.ts";
import { runsOption } from "../charts/runs.ts";
import type { Actions } from "../data/actions.ts";
import type { State } from "../data/state.ts";
import { behind } from "../parts/behind.ts";
import { empty, loadedOr } from "../parts/blank.ts";
import { runColumns } from "./run-columns.ts";

/** What the latest comparisons counted on both sides, and the latest row that each saw. */
export function runs({ runs: loaded, runsTable, status, nowMs }: State, actions: Actions) {
  const all = loaded.value?.runs ?? [];
  const known = new Set(all.map(({ table }) => table));
  const names = (status?.tables ?? []).map(({ table }) => table).filter((table) => known.has(table));
  const name = runsTable !== null && known.has(runsTable) ? runsTable : names[0];
  return html`<section class="card runs" aria-labelledby="runs-title">
    <header>
      <h2 id="runs-title">Recent runs</h2>
      <div class="range" role="group" aria-label="Table">
        ${names.map(
          (one) =>
            html`<button type="button" aria-pressed=${one === name} @click=${() => actions.selectRuns(one)}>${one}</button>`,
        )}
      </div>
    </header>
    ${loadedOr("The runs", loaded, nowMs, () =>
      name === undefined ? empty("No comparison has run yet.", "bun run watchdog check") : drawn(all, name, nowMs),
    )}
  </section>`;
}

function drawn(all: readonly RunView[], name: string, nowMs: number) {
  const own = all.filter(({ table }) => table === name);
  return html`<p class="quiet key">
      <span class="thick">PostgreSQL</span> <span class="slim">Elasticsearch</span>
      <span>one line lies on the other where both hold the same</span>
    </p>
    <tide-chart
      class="tall"
      label="Rows and latest row of ${name}, PostgreSQL and Elasticsearch, run by run; the table below has the figures"
      .option=${guard([all, name, palette()], () => runsOption(own, palette()))}
    ></tide-chart>
    ${behind(`recent runs of ${name}`, runColumns(nowMs), own)}`;
}
