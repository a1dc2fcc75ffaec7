import { html } from "lit-html";
import type { State } from "../data/state.ts";
import { ageText, clockText } from "../format/time.ts";
import { empty, failure, loading } from "../parts/blank.ts";
import { figures } from "./figures.ts";
import { perMinute } from "./per-minute.ts";
import { rings } from "./rings.ts";
import { shipments } from "./shipments.ts";
import { tenMinutes } from "./ten-minutes.ts";
import { words } from "./words.ts";

/** What analysts look at: the panels, from Elasticsearch's own aggregations. */
export function dashboard({ dashboard: loaded, nowMs }: State) {
  const { value } = loaded;
  if (value === null) return loaded.failure === null ? loading() : failure("The dashboard", loaded, nowMs);
  const none = value.clicks + value.transactions === 0;
  return html`${failure("The dashboard", loaded, nowMs)}
    <p class="quiet updated">
      ${clockText(Date.parse(value.from), nowMs, false)} to ${clockText(Date.parse(value.to), nowMs, false)}, as Elasticsearch
      counted it ${ageText(Date.parse(value.at), nowMs)}; counted anew every 5 s
    </p>
    <div class="panels">
      ${figures(value)}
      ${
        none
          ? html`<section class="card panel whole">
            ${empty("No click and no transaction lies in this time range: choose a longer one.", "bun run replay")}
          </section>`
          : html`${perMinute(value, nowMs)}${rings(value)}${words(value)}${tenMinutes(value, nowMs)}${shipments(value)}`
      }
    </div>`;
}
