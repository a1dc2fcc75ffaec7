import { expect, test } from "bun:test";
import fc from "fast-check";
import { nextAttemptAtMs } from "./retry.ts";

test.each([
  [1, 500, 1_000],
  [2, 1_000, 2_000],
  [5, 8_000, 16_000],
  [10, 150_000, 300_000],
  [10_000, 150_000, 300_000],
])("after %p failures it is due in %p to %p ms", (failures, least, most) => {
  expect(nextAttemptAtMs(failures, 7, null, () => 0)).toBe(7 + least);
  expect(nextAttemptAtMs(failures, 7, null, () => 1)).toBe(7 + most);
});

test("never before Retry-After, and never at once", () => {
  const any = fc.tuple(
    fc.integer({ min: 1, max: 5_000 }),
    fc.nat(4e12),
    fc.option(fc.nat(3_600_000)),
    fc.double({ min: 0, max: 1, noNaN: true }),
  );
  fc.assert(
    fc.property(any, ([failures, nowMs, afterMs, random]) => {
      const due = nextAttemptAtMs(failures, nowMs, afterMs, () => random);
      expect(due).toBeGreaterThanOrEqual(nowMs + Math.max(500, afterMs ?? 0));
      expect(due).toBeLessThanOrEqual(nowMs + Math.max(300_000, afterMs ?? 0));
    }),
  );
});
