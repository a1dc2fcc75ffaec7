import { html } from "lit-html";
import { guard } from "lit-html/directives/guard.js";
import type { Dashboard } from "../../api.ts";
import { palette } from "../charts/palette.ts";
import { perMinuteOption } from "../charts/per-minute.ts";
import { countText } from "../format/number.ts";
import { durationText } from "../format/time.ts";
import { behind } from "../parts/behind.ts";
import { plainClock } from "../parts/exact.ts";
import { panel } from "./panel.ts";

type Point = Dashboard["perMinute"]["points"][number];

/** Clicks and transactions over time: a minute a point, or more where the range is long. */
export function perMinute(value: Dashboard, nowMs: number) {
  const { points, intervalMs } = value.perMinute;
  const every = intervalMs === 60_000 ? "minute" : durationText(intervalMs);
  const title = `Clicks and transactions per ${every}`;
  return panel(
    { title, tables: ["clicks", "transactions"], size: "whole" },
    value,
    html`<tide-chart
        shared
        class="tall"
        label="${title}; the table below has the figures"
        .option=${guard([value, palette()], () => perMinuteOption(value, palette()))}
      ></tide-chart>
      ${behind(
        title.toLowerCase(),
        [
          { head: "From (UTC)", cell: ({ at }: Point) => plainClock(at, nowMs) },
          { head: "Clicks", number: true, cell: ({ clicks }: Point) => countText(clicks) },
          { head: "Transactions", number: true, cell: ({ transactions }: Point) => countText(transactions) },
        ],
        points,
      )}`,
  );
}
