import type { Dashboard } from "../../api.ts";
import { common, numberText } from "./common.ts";
import type { ChartOption } from "./echarts.ts";
import type { Palette } from "./palette.ts";

const LEAST_PX = 5;
const MOST_PX = 28;

/** Where shipments go: their coordinates, each as large as its count. No map is fetched from anywhere. */
export function shipmentsOption(shipments: Dashboard["shipments"], palette: Palette): ChartOption {
  const most = Math.max(1, ...shipments.map(({ count }) => count));
  const size = (count: number) => LEAST_PX + (MOST_PX - LEAST_PX) * Math.sqrt(count / most);
  const degrees = (value: number, plus: string, minus: string) =>
    `${Math.abs(value)}°${value > 0 ? plus : value < 0 ? minus : ""}`;
  const axis = {
    type: "value",
    scale: true,
    splitNumber: 4,
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: palette.line } },
  } as const;
  const label = { color: palette.quiet, fontSize: 12, hideOverlap: true };
  return {
    ...common(palette),
    grid: { left: 44, right: 16, top: 12, bottom: 28 },
    tooltip: {
      ...common(palette).tooltip,
      trigger: "item",
      formatter: ({ value }: { value: readonly [number, number, number] }) =>
        `${degrees(value[1], "N", "S")} ${degrees(value[0], "E", "W")}: ${numberText(value[2])}`,
    },
    xAxis: { ...axis, axisLabel: { ...label, formatter: (value: number) => degrees(value, "E", "W") } },
    yAxis: { ...axis, axisLabel: { ...label, formatter: (value: number) => degrees(value, "N", "S") } },
    series: [
      {
        type: "scatter",
        symbolSize: (value: readonly [number, number, number]) => size(value[2]),
        itemStyle: { color: palette.data, opacity: 0.65 },
        data: shipments.map(({ latitude, longitude, count }) => [longitude, latitude, count]),
      },
    ],
  };
}
