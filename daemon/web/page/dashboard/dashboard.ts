import { html } from "lit-html";
import { guard } from "lit-html/directives/guard.js";
import type { Dashboard, Share } from "../../api.ts";
import { palette } from "../charts/palette.ts";
import { perMinuteOption } from "../charts/per-minute.ts";
import { sharesOption } from "../charts/shares.ts";
import { shipmentsOption } from "../charts/shipments.ts";
import type { State } from "../data/state.ts";
import { countText } from "../format/number.ts";
import { ageText, clockText, durationText } from "../format/time.ts";
import { behind, table } from "../parts/behind.ts";
import { empty, failure, loading } from "../parts/blank.ts";
import { exact, plainClock } from "../parts/exact.ts";
import { cloud } from "./cloud.ts";
import { panel } from "./panel.ts";

/** What analysts look at: the panels, from Elasticsearch's own aggregations. */
export function dashboard({ dashboard: loaded, nowMs }: State) {
  const { value } = loaded;
  if (value === null) return loaded.failure === null ? loading() : failure("The dashboard", loaded, nowMs);
  return html`${failure("The dashboard", loaded, nowMs)}
    <p class="quiet updated">
      ${clockText(Date.parse(value.from), nowMs, false)} to ${clockText(Date.parse(value.to), nowMs, false)}, as Elasticsearch
      counted it ${ageText(Date.parse(value.at), nowMs)}; counted anew every 5 s
    </p>
    <div class="panels">
      ${figures(value)}${overTime(value, nowMs)}${shares(value)}${clouds(value)}${lower(value, nowMs)}
    </div>`;
}

function figures(value: Dashboard) {
  const { clicks, transactions, totalSale } = value;
  const figure = (title: string, name: string, count: number) =>
    panel(
      { title, tables: [name], size: "figure" },
      value,
      html`<p class="figure-value">${exact(countText(count), String(count))}</p>`,
    );
  return html`${figure("Clicks", "clicks", clicks)}${figure("Transactions", "transactions", transactions)}${figure("Total sale", "transactions", totalSale)}`;
}

function overTime(value: Dashboard, nowMs: number) {
  const { points, intervalMs } = value.perMinute;
  const every = intervalMs === 60_000 ? "minute" : durationText(intervalMs);
  const title = `Clicks and transactions per ${every}`;
  return panel(
    { title, tables: ["clicks", "transactions"], size: "whole" },
    value,
    points.length === 0
      ? nothingYet()
      : html`<tide-chart
            shared
            class="tall"
            label="Clicks and transactions over time; the table below has the figures"
            .option=${guard([value, palette()], () => perMinuteOption(value, palette()))}
          ></tide-chart>
          ${behind(
            title.toLowerCase(),
            [
              { head: "Time (UTC)", cell: ({ at }) => plainClock(at, nowMs) },
              { head: "Clicks", number: true, cell: (point) => countText(point.clicks) },
              { head: "Transactions", number: true, cell: (point) => countText(point.transactions) },
            ],
            points,
          )}`,
  );
}

function shares(value: Dashboard) {
  return html`${ring("Traffic sources", "clicks", value.trafficSources, true, value)}
  ${ring("Event names", "clicks", value.eventNames, true, value)}
  ${ring("Payment methods", "transactions", value.paymentMethods, false, value)}`;
}

function ring(title: string, name: string, of: readonly Share[], hole: boolean, value: Dashboard) {
  return panel(
    { title, tables: [name], size: "third" },
    value,
    of.length === 0
      ? nothingYet()
      : html`<tide-chart
            label="${title} by share; the table below has the figures"
            .option=${guard([of, palette()], () => sharesOption(of, hole, palette()))}
          ></tide-chart>
          ${sharesTable(title, of)}`,
  );
}

function clouds(value: Dashboard) {
  const words = (title: string, of: readonly Share[]) =>
    panel(
      { title, tables: ["clicks"], size: "half" },
      value,
      of.length === 0 ? nothingYet() : html`${cloud(of)}${sharesTable(title, of)}`,
    );
  return html`${words("Search keywords", value.searchKeywords)}${words("Events as words", value.eventNames)}`;
}

function sharesTable(title: string, of: readonly Share[]) {
  return behind(
    title.toLowerCase(),
    [
      { head: "Name", cell: ({ name }: Share) => name },
      { head: "Count", number: true, cell: ({ count }: Share) => countText(count) },
    ],
    of,
  );
}

function lower(value: Dashboard, nowMs: number) {
  const { perTenMinutes, shipments } = value;
  const tenMinutes = panel(
    { title: "Transactions per 10 minutes", tables: ["transactions"], size: "half" },
    value,
    perTenMinutes.length === 0
      ? nothingYet()
      : table(
          "Transactions per 10 minutes",
          [
            { head: "From (UTC)", cell: ({ at }) => plainClock(at, nowMs) },
            { head: "Customers", number: true, cell: ({ customers }) => countText(customers) },
            { head: "Items", number: true, cell: ({ items }) => countText(items) },
            { head: "Products", number: true, cell: ({ products }) => countText(products) },
            { head: "Total cost", number: true, cell: ({ totalCost }) => countText(totalCost) },
          ],
          [...perTenMinutes].reverse(),
        ),
  );
  const places = panel(
    { title: "Shipments", tables: ["transactions"], size: "half" },
    value,
    shipments.length === 0
      ? nothingYet()
      : html`<tide-chart
            class="tall"
            label="Shipments by longitude and latitude; the table below has the figures"
            .option=${guard([shipments, palette()], () => shipmentsOption(shipments, palette()))}
          ></tide-chart>
          ${behind(
            "shipments",
            [
              { head: "Latitude", number: true, cell: ({ latitude }) => latitude.toFixed(2) },
              { head: "Longitude", number: true, cell: ({ longitude }) => longitude.toFixed(2) },
              { head: "Shipments", number: true, cell: ({ count }) => countText(count) },
            ],
            shipments,
          )}`,
  );
  return html`${tenMinutes}${places}`;
}

function nothingYet() {
  return empty("Nothing in this time range.", "bun run replay");
}
