import { expect, test } from "bun:test";
import { parseDuration } from "./duration.ts";

test.each([
  ["90s", 90_000],
  ["30m", 1_800_000],
  ["2h", 7_200_000],
  ["1d", 86_400_000],
  ["1d12h", 129_600_000],
  ["1w", 604_800_000],
])("%s is %i ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(["", "2", "h", "0m", "-1h", "1.5h", "2 h", "2H", "30m2h", "1h1h", "400d", "9999999999999h"])(
  "%p is refused",
  (text) => {
    expect(() => parseDuration(text)).toThrow("expected a length of time such as 30m");
  },
);
