import { expect, test } from "bun:test";
import { ratePerSecond, type Sample, withSample } from "./rates.ts";

function rate(...samples: readonly [atMs: number, total: number][]): number | null {
  return ratePerSecond(
    samples.reduce<readonly Sample[]>((kept, [atMs, total]) => withSample(kept, { atMs, total }), []),
  );
}

test("a rate is that of the last five seconds, whatever was before", () => {
  expect(rate([0, 0], [1_000, 500], [2_000, 500], [7_000, 510], [8_000, 512])).toBe(2);
  expect(rate([0, 100], [1_000, 110])).toBe(10);
});

test("one look, or two within half a second, tell no rate; a counter that fell begins anew", () => {
  expect(rate([0, 100])).toBeNull();
  expect(rate([0, 100], [400, 110])).toBeNull();
  expect(rate([0, 100], [1_000, 5])).toBeNull();
  expect(rate([0, 100], [1_000, 5], [2_000, 8])).toBe(3);
});

test("after a pause in which nobody looked, the rate is that of the pause", () => {
  expect(rate([0, 0], [60_000, 600])).toBe(10);
});
