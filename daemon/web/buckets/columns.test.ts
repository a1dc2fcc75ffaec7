import { expect, test } from "bun:test";
import fc from "fast-check";
import { columnsOf } from "./columns.ts";
import { bucketState } from "./state.ts";

const MINUTE = 60_000;

test("columns cover the interval, are whole buckets aligned to the epoch, and no more than asked for", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2_000_000_000_000 }),
      fc.integer({ min: 1, max: 400 * 86_400_000 }),
      fc.integer({ min: 1, max: 500 }),
      fc.constantFrom(1_000, MINUTE, 86_400_000),
      (fromMs, lengthMs, columns, bucketMs) => {
        const found = columnsOf(fromMs, fromMs + lengthMs, columns, bucketMs);
        expect(found.fromMs).toBeLessThanOrEqual(fromMs);
        expect(found.toMs).toBeGreaterThanOrEqual(fromMs + lengthMs);
        expect(found.columnMs % bucketMs).toBe(0);
        expect(found.fromMs % found.columnMs).toBe(0);
        // One column may be too few to hold an interval that lies across its border.
        expect((found.toMs - found.fromMs) / found.columnMs).toBeLessThanOrEqual(Math.max(2, columns));
      },
    ),
  );
});

test("two pages that ask within one column get the same columns", () => {
  const hour = 60 * MINUTE;
  const [one, other] = [1_200, 59_000].map((ms) => columnsOf(10 * hour + ms, 11 * hour + ms, 120, MINUTE));
  expect(one).toEqual(other as NonNullable<typeof other>);
});

test("the worst that is true of a bucket is its state", () => {
  const none = { verified: 0, unverified: 0, touched: 0, emitted: 0, waiting: 0 };
  const all = { verified: 1, unverified: 1, touched: 1, emitted: 1, waiting: 1 };
  expect(bucketState(all)).toBe("diverged");
  expect(bucketState({ ...all, waiting: 0 })).toBe("healing");
  expect(bucketState({ ...all, waiting: 0, emitted: 0 })).toBe("in-flight");
  expect(bucketState({ ...none, verified: 1, unverified: 1 })).toBe("unverified");
  expect(bucketState({ ...none, verified: 1 })).toBe("verified");
  expect(bucketState(none)).toBeNull();
});
