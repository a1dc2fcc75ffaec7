import { html, nothing } from "lit-html";
import type { BucketEvidence } from "../../api.ts";
import type { Actions } from "../data/actions.ts";
import type { State } from "../data/state.ts";
import { countText, plural } from "../format/number.ts";
import { STATE_WORDS } from "../format/state.ts";
import { clockText } from "../format/time.ts";
import { table } from "../parts/behind.ts";
import { loadedOr } from "../parts/blank.ts";
import { dialog } from "../parts/dialog.ts";
import { plainClock } from "../parts/exact.ts";
import { icon } from "../parts/icon.ts";
import { divergence } from "./divergence.ts";

/** The side panel of a cell: what was found in its buckets, and what was done about it. */
export function evidence({ selection, evidence: loaded, nowMs }: State, actions: Actions) {
  if (selection === null) return nothing;
  const { from, to } = selection;
  const times = `${clockText(Date.parse(from), nowMs)} to ${clockText(Date.parse(to), nowMs)}`;
  const ask = (work: "check" | "heal") => () =>
    actions.ask({ kind: "work", work, request: { table: selection.table, from, to } });
  return dialog(
    { title: `${selection.table}, ${times}`, side: true, close: () => actions.select(null) },
    html`${loadedOr("The evidence", loaded, nowMs, (value) => found(value, nowMs))}
      <p class="buttons">
        <button type="button" @click=${ask("check")}>Check these rows…</button>
        <button type="button" @click=${ask("heal")}>Heal these rows…</button>
      </p>`,
  );
}

function found(value: BucketEvidence, nowMs: number) {
  const rows = value.buckets.reduce((sum, bucket) => sum + bucket.rows, 0);
  return html`<p class="lead">
      ${icon(value.state)} ${STATE_WORDS[value.state]}: ${plural(rows, "row")} in ${plural(value.buckets.length, "bucket")},
      ${value.divergences.length === 0 ? "no difference on record" : `${plural(value.divergences.length, "difference")} on record`}.
    </p>
    ${
      value.divergences.length === 0
        ? nothing
        : html`<h3>Differences and their heals</h3>
          <ul class="divergences">${value.divergences.map((one) => divergence(one, nowMs))}</ul>`
    }
    <h3>Buckets</h3>
    ${table(
      "Buckets of this cell",
      [
        { head: "From", cell: ({ start }) => plainClock(start, nowMs) },
        { head: "State", cell: ({ state }) => html`${icon(state)} ${STATE_WORDS[state]}` },
        { head: "Rows", number: true, cell: ({ rows: count }) => countText(count) },
        {
          head: "Verified at",
          cell: ({ verifiedAt }) => (verifiedAt === null ? "never" : plainClock(verifiedAt, nowMs)),
        },
        { head: "Fence", cell: ({ verifiedLsn }) => html`<code>${verifiedLsn ?? "–"}</code>` },
        { head: "Sum of digests", number: true, cell: ({ digestSum }) => html`<code>${digestSum}</code>` },
      ],
      value.buckets,
    )}`;
}
