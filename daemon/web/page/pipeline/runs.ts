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

const KINDS = [
  ["recent", "recent window"],
  ["scrub", "scrub"],
  ["check", "by hand"],
] as const;

/** What the latest comparisons of a table counted on both sides, and the latest row that each saw. */
export function runs({ runs: loaded, runsOf, status, nowMs }: State, actions: Actions) {
  const names = (status?.tables ?? []).map(({ table }) => table);
  const name = runsOf.table ?? names[0] ?? "";
  return html`<section class="card runs" aria-labelledby="runs-title">
    <header>
      <h2 id="runs-title">Recent runs</h2>
      <div class="range" role="group" aria-label="Kind of run">
        ${KINDS.map(
          ([kind, text]) =>
            html`<button type="button" aria-pressed=${kind === runsOf.kind} @click=${() => actions.selectRuns({ kind })}>${text}</button>`,
        )}
      </div>
      <div class="range" role="group" aria-label="Table">
        ${names.map(
          (table) =>
            html`<button type="button" aria-pressed=${table === name} @click=${() => actions.selectRuns({ table })}>${table}</button>`,
        )}
      </div>
    </header>
    ${loadedOr("The runs", loaded, nowMs, ({ runs: all }) =>
      all.length === 0 ? empty("None has ended yet.", "bun run watchdog check") : drawn(all, name, nowMs),
    )}
  </section>`;
}

function drawn(all: readonly RunView[], name: string, nowMs: number) {
  return html`<p class="quiet key">
      <span class="thick">PostgreSQL</span> <span class="slim">Elasticsearch</span>
      <span>one line lies on the other where both hold the same</span>
    </p>
    <tide-chart
      class="tall"
      label="Rows and latest row of ${name}, PostgreSQL and Elasticsearch, run by run; the table below has the figures"
      .option=${guard([all, palette()], () => runsOption(all, palette()))}
    ></tide-chart>
    ${behind(`recent runs of ${name}`, runColumns(nowMs), all)}`;
}
