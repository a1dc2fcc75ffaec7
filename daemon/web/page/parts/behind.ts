import { html, type TemplateResult } from "lit-html";

type Column<T> = { readonly head: string; readonly cell: (row: T) => unknown; readonly number?: boolean };

/** A table of rows, its numbers aligned. */
export function table<T>(caption: string, columns: readonly Column<T>[], rows: readonly T[]): TemplateResult {
  const side = ({ number }: Column<T>) => (number ? "number" : "");
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${`Table: ${caption}`}>
    <table>
      <caption class="unseen">${caption}</caption>
      <thead><tr>${columns.map((column) => html`<th scope="col" class=${side(column)}>${column.head}</th>`)}</tr></thead>
      <tbody>
        ${rows.map((row) => html`<tr>${columns.map((column) => html`<td class=${side(column)}>${column.cell(row)}</td>`)}</tr>`)}
      </tbody>
    </table>
  </div>`;
}

/** The table behind a chart, one click away. */
export function behind<T>(caption: string, columns: readonly Column<T>[], rows: readonly T[]): TemplateResult {
  return html`<details class="behind">
    <summary>Table<span class="unseen">: ${caption}</span></summary>
    ${table(caption, columns, rows)}
  </details>`;
}
