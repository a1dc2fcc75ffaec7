import { html } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { SilenceView } from "../../api.ts";
import type { Actions } from "../data/actions.ts";
import type { State } from "../data/state.ts";
import { durationText } from "../format/time.ts";
import { empty, loadedOr } from "../parts/blank.ts";
import { exact } from "../parts/exact.ts";

/** What is kept quiet, by whom, why and for how much longer. */
export function silences({ silences: loaded, nowMs }: State, actions: Actions) {
  return html`<section class="card" aria-labelledby="silences-title">
    <header><h2 id="silences-title">Silences</h2></header>
    ${loadedOr("The silences", loaded, nowMs, ({ silences: all }) => {
      const held = all.filter(({ endsAt }) => Date.parse(endsAt) > nowMs);
      if (held.length === 0) return empty("No silence holds: every incident is told.");
      return html`<ul class="silences">${repeat(
        held,
        ({ id }) => id,
        (one) => item(one, nowMs, actions),
      )}</ul>`;
    })}
  </section>`;
}

function item({ id, matchers, author, reason, endsAt }: SilenceView, nowMs: number, actions: Actions) {
  return html`<li>
    <p>
      <code>${matchers.join(", ")}</code>
      <span class="quiet">for another ${exact(durationText(Date.parse(endsAt) - nowMs), endsAt)}, by ${author}</span>
    </p>
    <p>${reason}</p>
    <button type="button" @click=${() => actions.endSilence(id)}>End<span class="unseen"> the silence of ${matchers.join(", ")}</span></button>
  </li>`;
}
