import { expect, test } from "bun:test";
import { beyondCaps } from "./caps.ts";

const caps = { maxRows: 5_000, maxPercent: 25 };

test.each([
  [3, 10, false],
  [1_000, 1_000, false],
  [1_001, 4_000, true],
  [1_001, 5_000, false],
  [5_000, 1_000_000, false],
  [5_001, 1_000_000, true],
])("%i rows of %i: waits for a person: %p", (rows, tableRows, waits) => {
  expect(beyondCaps(rows, tableRows, caps) !== undefined).toBe(waits);
});
