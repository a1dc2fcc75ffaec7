import { html } from "lit-html";
import { guard } from "lit-html/directives/guard.js";
import type { Dashboard } from "../../api.ts";
import { palette } from "../charts/palette.ts";
import { shipmentsOption } from "../charts/shipments.ts";
import { countText } from "../format/number.ts";
import { behind } from "../parts/behind.ts";
import { empty } from "../parts/blank.ts";
import { panel } from "./panel.ts";

/** Where shipments go. */
export function shipments(value: Dashboard) {
  const { shipments: places } = value;
  const content =
    places.length === 0
      ? empty("None in this range.")
      : html`<tide-chart
            class="tall"
            label="Shipments by longitude and latitude; the table below has the figures"
            .option=${guard([places, palette()], () => shipmentsOption(places, palette()))}
          ></tide-chart>
          ${behind(
            "shipments",
            [
              { head: "Latitude", number: true, cell: ({ latitude }) => latitude.toFixed(2) },
              { head: "Longitude", number: true, cell: ({ longitude }) => longitude.toFixed(2) },
              { head: "Shipments", number: true, cell: ({ count }) => countText(count) },
            ],
            places,
          )}`;
  return panel({ title: "Shipments", tables: ["transactions"], size: "half" }, value, content);
}
