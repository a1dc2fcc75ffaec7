import type { Share } from "../../api.ts";
import { common, numberText } from "./common.ts";
import type { ChartOption } from "./echarts.ts";
import type { Palette } from "./palette.ts";

const LABELLED = 0.02;

/** Shares of a whole, the largest first: a donut, or a pie without a hole. Each has its name beside it. */
export function sharesOption(shares: readonly Share[], hole: boolean, palette: Palette): ChartOption {
  const total = shares.reduce((sum, { count }) => sum + count, 0);
  const percent = (count: number) => `${Math.round((count / total) * 100)} %`;
  return {
    ...common(palette),
    tooltip: {
      ...common(palette).tooltip,
      trigger: "item",
      formatter: ({ name, value }: { name: string; value: number }) =>
        `${name}: ${numberText(value)}, ${percent(value)}`,
    },
    series: [
      {
        type: "pie",
        radius: hole ? ["40%", "62%"] : ["0%", "62%"],
        center: ["50%", "52%"],
        itemStyle: { borderColor: palette.surface, borderWidth: 2 },
        label: {
          color: palette.text,
          fontSize: 12,
          lineHeight: 15,
          overflow: "truncate",
          bleedMargin: 2,
          formatter: ({ name, value }: { name: string; value: number }) => `${name}\n${percent(value)}`,
        },
        labelLine: { length: 8, length2: 8, lineStyle: { color: palette.quiet } },
        labelLayout: { hideOverlap: true },
        emphasis: { scale: false },
        data: [...shares]
          .sort((left, right) => right.count - left.count)
          .map(({ name, count }, at) => ({
            name,
            value: count,
            itemStyle: { color: palette.shades[Math.min(at, palette.shades.length - 1)] },
            label: { show: count / total >= LABELLED },
            labelLine: { show: count / total >= LABELLED },
          })),
      },
    ],
  };
}
