import { expect, test } from "bun:test";
import { recentWindow, touchedIntervals } from "./recent.ts";

const MINUTE = 60_000;
const now = 1_000 * MINUTE + 30_000;

test("the window begins with a bucket and ends at the fence", () => {
  expect(recentWindow(now, null, 15 * MINUTE, MINUTE)).toEqual({ fromMs: 985 * MINUTE, toMs: now });
  expect(recentWindow(now, now - 1_000, 15 * MINUTE, MINUTE)).toEqual({ fromMs: 985 * MINUTE, toMs: now });
});

test("after an outage it reaches back to before the table was last found clean", () => {
  expect(recentWindow(now, now - 300 * MINUTE, 15 * MINUTE, MINUTE).fromMs).toBe(685 * MINUTE);
});

test("touched buckets within the window are left to it; those before and after it are joined", () => {
  const window = recentWindow(now, null, 15 * MINUTE, MINUTE);
  const touched = [null, 10, 11, 13, 984, 985, 1_000, 1_001].map((minute) => minute && minute * MINUTE);
  expect(touchedIntervals(touched, window, MINUTE)).toEqual([
    { fromMs: 10 * MINUTE, toMs: 12 * MINUTE },
    { fromMs: 13 * MINUTE, toMs: 14 * MINUTE },
    { fromMs: 984 * MINUTE, toMs: 985 * MINUTE },
    { fromMs: 1_001 * MINUTE, toMs: 1_002 * MINUTE },
  ]);
});
