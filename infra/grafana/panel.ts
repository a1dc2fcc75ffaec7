import { type Panel as GrafanaPanel, MappingType, type RowPanel, ThresholdsMode } from "@grafana/schema";

/** A query, and how its series are called: `{{table}}`. */
export type Query = { readonly expr: string; readonly legend: string };

export type Panel = {
  readonly title: string;
  readonly description: string;
  readonly queries: readonly Query[];
  /** Grafana's name of it: `s`, `bytes`, `percentunit`, ... */
  readonly unit: string;
  /** In Grafana's grid of 24 columns. */
  readonly width: number;
  readonly height: number;
} & (
  | { readonly kind: "stat"; readonly steps: readonly Step[]; readonly words?: Readonly<Record<string, string>> }
  | { readonly kind: "timeseries"; readonly stacked?: boolean }
  | { readonly kind: "table" }
);

/** From this value on, in this colour; the first has none. */
export type Step = { readonly value: number | null; readonly color: "green" | "orange" | "red" | "text" };

const COLUMNS = 24;
const datasource = { type: "prometheus", uid: "$datasource" };

/** Rows of panels, each row's laid from left to right, as Grafana stores them. */
export function layOut(rows: readonly { readonly title: string; readonly panels: readonly Panel[] }[]) {
  const laid: (GrafanaPanel | RowPanel)[] = [];
  let y = 0;
  for (const { title, panels } of rows) {
    const gridPos = { x: 0, y, w: COLUMNS, h: 1 };
    laid.push({ id: laid.length + 1, type: "row", title, collapsed: false, gridPos, panels: [] });
    y += 1;
    let x = 0;
    let lineHeight = 0;
    for (const panel of panels) {
      if (x + panel.width > COLUMNS) {
        x = 0;
        y += lineHeight;
        lineHeight = 0;
      }
      const { width: w, height: h } = panel;
      laid.push({ id: laid.length + 1, gridPos: { x, y, w, h }, ...panelJson(panel) });
      x += w;
      lineHeight = Math.max(lineHeight, h);
    }
    y += lineHeight;
  }
  return laid;
}

function panelJson(panel: Panel): GrafanaPanel {
  const { kind, title, description, unit, queries } = panel;
  const instant = kind !== "timeseries";
  const targets = queries.map(({ expr, legend }, index) => ({
    refId: String.fromCharCode("A".charCodeAt(0) + index),
    datasource,
    expr,
    legendFormat: legend,
    instant,
    range: !instant,
    ...(kind === "table" ? { format: "table" } : {}),
  }));
  return { type: kind, title, description, datasource, targets, ...optionsOf(panel, unit) };
}

function optionsOf(panel: Panel, unit: string): Pick<GrafanaPanel, "fieldConfig" | "options" | "transformations"> {
  switch (panel.kind) {
    case "stat": {
      const { steps, words } = panel;
      const options = Object.entries(words ?? {}).map(([value, text]) => [value, { text }]);
      const mappings =
        options.length === 0 ? [] : [{ type: MappingType.ValueToText as const, options: Object.fromEntries(options) }];
      return {
        fieldConfig: {
          defaults: { unit, mappings, thresholds: { mode: ThresholdsMode.Absolute, steps: [...steps] } },
          overrides: [],
        },
        options: {
          colorMode: "background",
          graphMode: "none",
          textMode: "auto",
          reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
        },
      };
    }
    case "timeseries": {
      const stacking = { mode: panel.stacked ? "normal" : "none", group: "A" };
      const custom = { drawStyle: "line", lineWidth: 1, fillOpacity: panel.stacked ? 30 : 0, stacking };
      return {
        fieldConfig: { defaults: { unit, min: 0, custom }, overrides: [] },
        options: {
          legend: { displayMode: "list", placement: "bottom", showLegend: true },
          tooltip: { mode: "multi", sort: "desc" },
        },
      };
    }
    case "table":
      return {
        fieldConfig: { defaults: { unit }, overrides: [] },
        options: { showHeader: true },
        transformations: [{ id: "organize", options: { excludeByName: { Time: true } } }],
      };
  }
}
