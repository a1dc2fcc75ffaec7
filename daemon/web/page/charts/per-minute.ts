import type { Dashboard } from "../../api.ts";
import { common, countAxis, cursor, numberText, timeAxis } from "./common.ts";
import type { ChartOption } from "./echarts.ts";
import type { Palette } from "./palette.ts";

const NAMES = ["Clicks", "Transactions"] as const;

/** Clicks and transactions over time: two lines above one another, as one is twenty times the other, with one cursor. */
export function perMinuteOption({ perMinute, from, to }: Dashboard, palette: Palette): ChartOption {
  const bounds = { min: Date.parse(from), max: Date.parse(to) };
  const axis = timeAxis(palette);
  return {
    ...common(palette),
    useUTC: true,
    grid: [
      { left: 44, right: 12, top: 28, height: "34%" },
      { left: 44, right: 12, bottom: 28, height: "30%" },
    ],
    axisPointer: { link: [{ xAxisIndex: "all" }] },
    tooltip: {
      ...common(palette).tooltip,
      trigger: "axis",
      axisPointer: cursor(palette),
      valueFormatter: (value: unknown) => numberText(Number(value)),
    },
    xAxis: [
      { ...axis, ...bounds, gridIndex: 0, axisLabel: { show: false } },
      { ...axis, ...bounds, gridIndex: 1 },
    ],
    yAxis: NAMES.map((name, gridIndex) => ({
      ...countAxis(palette),
      gridIndex,
      splitNumber: 2,
      name,
      nameTextStyle: { color: palette.text, align: "left", padding: [0, 0, 0, -36] },
    })),
    series: NAMES.map((name, at) => ({
      name,
      type: "line",
      xAxisIndex: at,
      yAxisIndex: at,
      showSymbol: perMinute.points.length < 2,
      symbolSize: 5,
      lineStyle: { width: 2 },
      areaStyle: { opacity: 0.12 },
      color: at === 0 ? palette.data : palette.second,
      emphasis: { disabled: true },
      data: perMinute.points.map((point) => [Date.parse(point.at), at === 0 ? point.clicks : point.transactions]),
    })),
  };
}
