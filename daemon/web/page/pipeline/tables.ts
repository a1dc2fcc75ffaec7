import { html, nothing } from "lit-html";
import type { TableView } from "../../api.ts";
import type { Actions } from "../data/actions.ts";
import { countText, percentText, plural } from "../format/number.ts";
import type { Mark } from "../format/state.ts";
import { clock } from "../parts/exact.ts";
import { icon } from "../parts/icon.ts";

/** Per table, up to when it is exact, and what is not. */
export function tables(views: readonly TableView[], nowMs: number, actions: Actions) {
  return html`<section class="card" aria-labelledby="tables-title">
    <header>
      <h2 id="tables-title">Tables</h2>
      <button type="button" @click=${() => actions.ask({ kind: "work", work: "check", request: {} })}>Check all…</button>
    </header>
    <div class="scroll">
      <table class="tables">
        <thead>
          <tr>
            <th scope="col">Table</th><th scope="col">Exact up to</th>
            <th scope="col" class="number">Rows</th><th scope="col" class="number">Documents</th>
            <th scope="col">Verified</th><th scope="col">Differences</th>
            <th scope="col"><span class="unseen">Actions</span></th>
          </tr>
        </thead>
        <tbody>${views.map((view) => row(view, nowMs, actions))}</tbody>
      </table>
    </div>
  </section>`;
}

function row(view: TableView, nowMs: number, actions: Actions) {
  const differing = Object.values(view.divergences).reduce((sum, count) => sum + count, 0);
  const ask = (work: "check" | "heal") => () => actions.ask({ kind: "work", work, request: { table: view.table } });
  return html`<tr data-table=${view.table}>
    <th scope="row">${icon(markOf(view, differing))} ${view.table}</th>
    <td data-head="Exact up to">
      ${view.exactUpTo === null ? html`<span class="quiet">not yet known</span>` : clock(view.exactUpTo, nowMs, view.exactUpToLsn)}
    </td>
    <td data-head="Rows" class="number">${countText(view.rows)}</td>
    <td data-head="Documents" class="number">${countText(view.documents)}</td>
    <td data-head="Verified">
      <meter min="0" max="1" .value=${view.coverage} aria-label="Share of ${view.table} that is verified"></meter>
      ${percentText(view.coverage)}
      <span class="quiet">
        ${view.everyBucketSince === null ? "first scrub under way" : html`all since ${clock(view.everyBucketSince, nowMs)}`}
      </span>
    </td>
    <td data-head="Differences">${differences(view, differing)}</td>
    <td class="buttons">
      <button type="button" @click=${ask("check")}>Check<span class="unseen"> ${view.table}</span>…</button>
      <button type="button" @click=${ask("heal")}>Heal<span class="unseen"> ${view.table}</span>…</button>
    </td>
  </tr>`;
}

function markOf(view: TableView, differing: number): Mark {
  if (view.hold !== null || view.quarantined > 0) return "diverged";
  if (view.healing > 0) return "healing";
  if (differing > 0) return "diverged";
  return view.exactUpTo === null ? "unverified" : "verified";
}

function differences(view: TableView, differing: number) {
  const kinds = Object.entries(view.divergences).filter(([, count]) => count > 0);
  const parts = kinds.map(([kind, count]) => `${countText(count)} ${kind}`);
  if (view.healing > 0) parts.push(`${countText(view.healing)} being healed`);
  if (view.quarantined > 0) parts.push(`${plural(view.quarantined, "row")} quarantined`);
  return html`${parts.length === 0 && differing === 0 ? html`<span class="quiet">none</span>` : parts.join(", ")}
  ${view.hold === null ? nothing : html`<span class="reason">Waits for a person: ${view.hold}</span>`}`;
}
