import { html } from "lit-html";
import type { Dashboard, Share } from "../../api.ts";
import { empty } from "../parts/blank.ts";
import { cloud } from "./cloud.ts";
import { panel } from "./panel.ts";
import { sharesTable } from "./shares-table.ts";

/** Two clouds of words: what people searched for, and what they did. */
export function words(value: Dashboard) {
  const of = (title: string, shares: readonly Share[]) =>
    panel(
      { title, tables: ["clicks"], size: "half" },
      value,
      shares.length === 0 ? empty("None in this range.") : html`${cloud(shares)}${sharesTable(title, shares)}`,
    );
  return html`${of("Search keywords", value.searchKeywords)}${of("Events as words", value.eventNames)}`;
}
