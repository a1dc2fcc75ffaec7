import { expect, test } from "bun:test";
import { bytesText, countText, percentText, plural, rateText, thin } from "./number.ts";
import { ageText, clockText, durationText, waitText } from "./time.ts";

const NOW = Date.parse("2026-11-24T12:31:09Z");

test("numbers are grouped by thin spaces, and what is not known is a dash", () => {
  expect(countText(1_234_567)).toBe("1\u202f234\u202f567");
  expect(countText(999)).toBe("999");
  expect(countText(null)).toBe("–");
  expect(thin("3 tables, 29,426 rows; a,b, 1,2")).toBe("3 tables, 29\u202f426 rows; a,b, 1,2");
  expect([plural(1, "row"), plural(2_000, "row")]).toEqual(["1 row", "2\u202f000 rows"]);
});

test("a share that is not whole never reads as 100 %", () => {
  expect([1, 0.9999, 0.5, 0].map(percentText)).toEqual(["100 %", "99.9 %", "50 %", "0 %"]);
});

test("rates and bytes are as short as they may be", () => {
  expect([0, 3.44, 12.4, 1_240].map(rateText)).toEqual(["0", "3.4", "12", "1\u202f240"]);
  expect([0, 999, 1_320, 2_500_000].map(bytesText)).toEqual(["0 B", "999 B", "1.3 kB", "2.5 MB"]);
});

test("durations are told as people say them", () => {
  const cases: readonly (readonly [number, string])[] = [
    [400, "less than 1 s"],
    [2_000, "2 s"],
    [65_000, "1 min 5 s"],
    [600_000, "10 min"],
    [15_120_000, "4 h 12 min"],
    [200_000_000, "2 d 7 h"],
  ];
  for (const [ms, text] of cases) expect(durationText(ms)).toBe(text);
  expect(ageText(NOW - 2_000, NOW)).toBe("2 s ago");
  expect(ageText(NOW + 500, NOW)).toBe("now");
  expect([340, 1_240, 61_000].map(waitText)).toEqual(["340 ms", "1.2 s", "1 min 1 s"]);
});

test("a clock is in UTC, and names the day where it is not today", () => {
  expect(clockText(NOW - 2_000, NOW)).toBe("12:31:07");
  expect(clockText(NOW - 86_400_000, NOW, false)).toBe("Nov 23, 12:31");
});
