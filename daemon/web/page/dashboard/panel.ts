import { html, nothing } from "lit-html";
import type { Dashboard } from "../../api.ts";
import { icon } from "../parts/icon.ts";

type Panel = {
  readonly title: string;
  /** The table that its figures come from, and by which it says what differs. */
  readonly tables: readonly string[];
  readonly size: "figure" | "third" | "half" | "whole";
};

/** A panel of the dashboard, which says so where what it shows differs from PostgreSQL. */
export function panel({ title, tables, size }: Panel, { caveats }: Dashboard, content: unknown) {
  const own = caveats.filter(({ table }) => tables.includes(table));
  const id = `panel-${title.toLowerCase().replace(/\W+/g, "-")}`;
  return html`<section class="card panel ${size}" aria-labelledby=${id}>
    <header>
      <h2 id=${id}>${title}</h2>
      ${own.length === 0 ? nothing : html`<ul class="caveats">${own.map(({ text }) => html`<li>${icon("healing")} ${text}</li>`)}</ul>`}
    </header>
    ${content}
  </section>`;
}
