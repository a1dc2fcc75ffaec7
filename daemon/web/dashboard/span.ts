const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Time spans are asked for in steps of this, so that pages that ask within it share an answer. */
export const STEP_MS = 5 * SECOND;

const POINTS = 360;
const INTERVALS = [1, 5, 10, 30, 60, 180, 360, 720, 1_440].map((count) => count * MINUTE);
/** The table of ten minutes shows the last of these. */
export const TABLE_MS = 24 * HOUR;

/** A span to whole steps: its end no earlier, its beginning no later. Pure. */
export function toSteps(fromMs: number, toMs: number) {
  return { fromMs: Math.floor(fromMs / STEP_MS) * STEP_MS, toMs: Math.ceil(toMs / STEP_MS) * STEP_MS };
}

/** A minute, or more where a span would have more points than a line can show. Pure. */
export function intervalOf(fromMs: number, toMs: number): number {
  return INTERVALS.find((interval) => (toMs - fromMs) / interval <= POINTS) ?? (INTERVALS.at(-1) as number);
}
