import { thin } from "../format/number.ts";
import type { Palette } from "./palette.ts";

const SMALL_PX = 12;
/** Of all levels alike: none is set in bold. */
const CLOCKS = {
  year: "{yyyy}",
  month: "{d} {MMM}",
  day: "{d} {MMM}",
  hour: "{HH}:{mm}",
  minute: "{HH}:{mm}",
  second: "{HH}:{mm}:{ss}",
  millisecond: "{HH}:{mm}:{ss}.{SSS}",
} as const;
const number = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const short = new Intl.NumberFormat("en", { notation: "compact" });

/** What all charts have in common. Tooltips are drawn, not written as HTML: what they name is user input. */
export function common({ text, line, surface, family, animated }: Palette) {
  return {
    animation: animated,
    animationDuration: 0,
    animationDurationUpdate: 300,
    textStyle: { fontFamily: family, fontSize: SMALL_PX, color: text },
    tooltip: {
      renderMode: "richText",
      confine: true,
      backgroundColor: surface,
      borderColor: line,
      textStyle: { color: text, fontFamily: family, fontSize: SMALL_PX },
      transitionDuration: 0,
    },
  } as const;
}

/** A horizontal axis of times, in UTC. */
export function timeAxis({ quiet, line }: Palette) {
  return {
    type: "time",
    axisLine: { lineStyle: { color: line } },
    axisTick: { show: false },
    axisLabel: { color: quiet, fontSize: SMALL_PX, hideOverlap: true, formatter: CLOCKS },
    splitLine: { show: false },
  } as const;
}

/** A vertical axis of counts, from zero. */
export function countAxis({ quiet, line }: Palette) {
  return {
    type: "value",
    min: 0,
    minInterval: 1,
    splitNumber: 3,
    axisLabel: { color: quiet, fontSize: SMALL_PX, formatter: (value: number) => short.format(value) },
    splitLine: { lineStyle: { color: line } },
  } as const;
}

export function cursor({ quiet }: Palette) {
  return { type: "line", lineStyle: { color: quiet, type: "solid", width: 1 }, label: { show: false } } as const;
}

export function numberText(value: number): string {
  return thin(number.format(value));
}
