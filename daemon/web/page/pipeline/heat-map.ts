import { html, nothing } from "lit-html";
import { ref } from "lit-html/directives/ref.js";
import type { Buckets, Cell } from "../../api.ts";
import type { Actions } from "../data/actions.ts";
import type { State } from "../data/state.ts";
import { plural } from "../format/number.ts";
import { STATE_WORDS, STATES } from "../format/state.ts";
import { ageText, clockText, durationText, exactText } from "../format/time.ts";
import { empty, loadedOr } from "../parts/blank.ts";
import { fitColumns } from "./columns.ts";
import { moveFocus } from "./roving.ts";

const TICKS = 6;

/** The buckets by time and table, each by its state; a cell opens its evidence. */
export function heatMap(state: State, actions: Actions) {
  return html`<section class="card" aria-labelledby="buckets-title">
    <header>
      <h2 id="buckets-title">Exact up to, and buckets by time</h2>
      <ul class="legend" aria-label="States">
        ${STATES.map((state) => html`<li><span class="swatch ${state}"></span>${STATE_WORDS[state]}</li>`)}
      </ul>
    </header>
    <div class="heat" ${ref(fitColumns((columns) => actions.setColumns(columns)))}>
      ${loadedOr("The buckets", state.buckets, state.nowMs, (value) => grid(value, state, actions))}
    </div>
  </section>`;
}

function grid(buckets: Buckets, { nowMs, selection, status }: State, actions: Actions) {
  const clocks = new Map(status?.tables.map(({ table, exactUpTo }) => [table, exactUpTo]));
  const starts = startsOf(buckets);
  if (buckets.tables.every(({ cells }) => cells.length === 0)) {
    return empty("No row's time lies in this range.", "bun run replay");
  }
  return html`<div
      class="grid"
      role="grid"
      aria-label="Buckets by table and time, ${durationText(buckets.columnMs)} a column"
      @keydown=${moveFocus}
    >
      ${buckets.tables.map(({ table, cells }, at) => {
        const byStart = new Map(cells.map((cell) => [Date.parse(cell.start), cell]));
        const first =
          at === buckets.tables.findIndex((one) => one.cells.length > 0) ? Math.max(...byStart.keys()) : null;
        return html`<div class="row" role="row">
          <span class="name" role="rowheader">${table} ${upTo(clocks.get(table) ?? null, nowMs)}</span>
          ${starts.map((start) => {
            const cell = byStart.get(start);
            if (cell === undefined) return html`<span role="gridcell" class="hole"></span>`;
            const open = selection?.table === table && Date.parse(selection.from) === start;
            return button(table, cell, buckets.columnMs, nowMs, { tabbable: start === first, open }, actions);
          })}
        </div>`;
      })}
      <div class="row axis" aria-hidden="true"><span class="name"></span>${starts.map((start, at) => tick(start, at, starts.length, nowMs))}</div>
    </div>`;
}

function button(
  table: string,
  cell: Cell,
  columnMs: number,
  nowMs: number,
  { tabbable, open }: { readonly tabbable: boolean; readonly open: boolean },
  actions: Actions,
) {
  const startMs = Date.parse(cell.start);
  const to = new Date(startMs + columnMs).toISOString();
  const differing = cell.differing === 0 ? "" : `, ${plural(cell.differing, "row")} differing`;
  const name = `${table}, ${clockText(startMs, nowMs)} to ${clockText(startMs + columnMs, nowMs)}: ${STATE_WORDS[cell.state]}, ${plural(cell.rows, "row")}${differing}`;
  return html`<span role="gridcell"><button
    type="button"
    class="cell ${cell.state}"
    tabindex=${tabbable ? 0 : -1}
    aria-label=${name}
    aria-pressed=${open}
    title=${name}
    @click=${() => actions.select({ table, from: cell.start, to })}
  ></button></span>`;
}

/** Up to when a table is exact. */
function upTo(exactUpTo: string | null, nowMs: number) {
  if (exactUpTo === null) return html`<span class="quiet">not yet known</span>`;
  const ms = Date.parse(exactUpTo);
  return html`<time class="quiet" datetime=${exactUpTo} title=${exactText(ms)}
    ><span class="unseen">exact up to </span>${clockText(ms, nowMs)}, ${ageText(ms, nowMs)}</time
  >`;
}

/** The columns' starts, also of those without rows. */
function startsOf({ from, to, columnMs }: Buckets): number[] {
  const first = Math.floor(Date.parse(from) / columnMs) * columnMs;
  const count = Math.ceil((Date.parse(to) - first) / columnMs);
  return Array.from({ length: count }, (_, at) => first + at * columnMs);
}

function tick(start: number, at: number, count: number, nowMs: number) {
  const every = Math.max(1, Math.ceil(count / TICKS));
  return html`<span class="tick">${at % every === 0 && at < count - 1 ? html`<span>${clockText(start, nowMs, false)}</span>` : nothing}</span>`;
}
