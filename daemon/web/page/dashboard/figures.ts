import { html } from "lit-html";
import type { Dashboard } from "../../api.ts";
import { countText } from "../format/number.ts";
import { exact } from "../parts/exact.ts";
import { panel } from "./panel.ts";

/** The three figures on top. */
export function figures(value: Dashboard) {
  const figure = (title: string, table: string, count: number) =>
    panel(
      { title, tables: [table], size: "figure" },
      value,
      html`<p class="figure-value">${exact(countText(count), String(count))}</p>`,
    );
  return html`${figure("Clicks", "clicks", value.clicks)}
  ${figure("Transactions", "transactions", value.transactions)}
  ${figure("Total sale", "transactions", value.totalSale)}`;
}
