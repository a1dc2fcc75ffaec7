import { html } from "lit-html";
import { guard } from "lit-html/directives/guard.js";
import type { Dashboard, Share } from "../../api.ts";
import { palette } from "../charts/palette.ts";
import { sharesOption } from "../charts/shares.ts";
import { empty } from "../parts/blank.ts";
import { panel } from "./panel.ts";
import { sharesTable } from "./shares-table.ts";

/** Two donuts and a pie. */
export function rings(value: Dashboard) {
  return html`${ring("Traffic sources", "clicks", value.trafficSources, true, value)}
  ${ring("Event names", "clicks", value.eventNames, true, value)}
  ${ring("Payment methods", "transactions", value.paymentMethods, false, value)}`;
}

function ring(title: string, table: string, shares: readonly Share[], hole: boolean, value: Dashboard) {
  if (shares.length === 0) return panel({ title, tables: [table], size: "third" }, value, empty("None in this range."));
  return panel(
    { title, tables: [table], size: "third" },
    value,
    html`<tide-chart
        label="${title} by share; the table below has the figures"
        .option=${guard([shares, palette()], () => sharesOption(shares, hole, palette()))}
      ></tide-chart>
      ${sharesTable(title, shares)}`,
  );
}
