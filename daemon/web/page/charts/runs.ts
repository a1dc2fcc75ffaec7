import type { RunView } from "../../api.ts";
import { type Pass, passesOf } from "../data/passes.ts";
import { common, countAxis, cursor, numberText, timeAxis } from "./common.ts";
import type { ChartOption } from "./echarts.ts";
import type { Palette } from "./palette.ts";

/** Both sides of a table's runs: a broad line for PostgreSQL and a slim one on it, above the counts, below the latest rows. */
export function runsOption(runs: readonly RunView[], palette: Palette): ChartOption {
  const passes = passesOf(runs);
  const axis = timeAxis(palette);
  const line = (name: string, at: number, broad: boolean, value: (pass: Pass) => number | null) => ({
    name,
    type: "line",
    xAxisIndex: at,
    yAxisIndex: at,
    connectNulls: true,
    symbol: "circle",
    symbolSize: 11,
    showSymbol: !broad,
    lineStyle: broad ? { width: 7, opacity: 0.35 } : { width: 2 },
    color: broad ? palette.second : palette.data,
    emphasis: { disabled: true },
    z: broad ? 2 : 3,
    data: passes.map((pass) => ({
      value: [pass.atMs, value(pass)],
      // Runs that found nothing have no mark: the eye goes to those that did.
      symbol: broad || pass.outcome === "clean" ? "none" : "diamond",
      itemStyle: { color: pass.outcome === "diverged" ? palette.diverged : palette.warning },
    })),
  });
  return {
    ...common(palette),
    useUTC: true,
    grid: [
      { left: 64, right: 16, top: 28, height: "34%" },
      { left: 64, right: 16, bottom: 28, height: "30%" },
    ],
    axisPointer: { link: [{ xAxisIndex: "all" }] },
    tooltip: {
      ...common(palette).tooltip,
      trigger: "axis",
      axisPointer: cursor(palette),
      formatter: (hovered: readonly Hovered[]) => runText(hovered),
    },
    xAxis: [
      { ...axis, gridIndex: 0, axisLabel: { show: false } },
      { ...axis, gridIndex: 1 },
    ],
    yAxis: [
      { ...countAxis(palette), gridIndex: 0, splitNumber: 2, ...named("Rows", palette) },
      {
        ...axis,
        gridIndex: 1,
        splitNumber: 2,
        splitLine: { show: true, lineStyle: { color: palette.line } },
        ...named("Latest row", palette),
      },
    ],
    series: [
      line("PostgreSQL", 0, true, (pass) => pass.postgresRows),
      line("Elasticsearch", 0, false, (pass) => pass.elasticsearchDocuments),
      line("PostgreSQL", 1, true, (pass) => pass.postgresLatestMs),
      line("Elasticsearch", 1, false, (pass) => pass.elasticsearchLatestMs),
    ],
  };
}

function named(name: string, { text }: Palette) {
  return { name, nameTextStyle: { color: text, align: "left", padding: [0, 0, 0, -56] } } as const;
}

type Hovered = {
  readonly seriesName: string;
  readonly axisIndex: number;
  readonly value: readonly [number, number | null];
};

/** One run in words: its time, and what both sides held. */
function runText(hovered: readonly Hovered[]): string {
  const [first] = hovered;
  if (first === undefined) return "";
  const pair = (axis: number, text: (value: number) => string) =>
    hovered
      .filter(({ axisIndex }) => axisIndex === axis)
      .map(({ seriesName, value: [, value] }) => `${seriesName} ${value === null ? "–" : text(value)}`)
      .join(", ");
  const time = (ms: number) => new Date(ms).toISOString().slice(11, 23);
  return [
    `Run of ${new Date(first.value[0]).toISOString().slice(0, 19).replace("T", " ")}`,
    `Rows: ${pair(0, numberText)}`,
    `Latest row: ${pair(1, time)}`,
  ].join("\n");
}
