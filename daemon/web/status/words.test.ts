import { expect, test } from "bun:test";
import { clock, counted, duration, minutes } from "./words.ts";

const NOON = Date.UTC(2026, 10, 24, 12);

test("a duration is told in its two largest units", () => {
  const cases: [ms: number, text: string][] = [
    [-5, "0 s"],
    [1_499, "1 s"],
    [59_000, "59 s"],
    [60_000, "1 min"],
    [245_000, "4 min 5 s"],
    [601_000, "10 min"],
    [3_600_000, "1 h"],
    [11_520_000, "3 h 12 min"],
    [86_400_000, "1 d"],
    [90_000_000, "1 d 1 h"],
  ];
  for (const [ms, text] of cases) expect(duration(ms)).toBe(text);
});

test("a clock has its date where that is not today's; minutes that are the same are told once", () => {
  expect(clock(NOON + 1_867_000, NOON)).toBe("12:31:07");
  expect(clock(NOON - 86_400_000, NOON)).toBe("2026-11-23 12:00:00");
  expect(minutes(NOON + 120_000, NOON + 180_000, NOON)).toBe("12:02-12:03");
  expect(minutes(NOON + 120_000, NOON + 121_000, NOON)).toBe("12:02");
});

test("one row is not rows", () => {
  expect([counted(1, "row"), counted(0, "row"), counted(29_426, "row")]).toEqual(["1 row", "0 rows", "29,426 rows"]);
});
