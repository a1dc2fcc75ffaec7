import { expect, test } from "bun:test";
import { messagesBehind } from "./fence.ts";

const ends = new Map([
  ["clicks/0", 10n],
  ["clicks/1", 5n],
]);

test.each<[string, [string, bigint][], bigint]>([
  ["nothing committed", [], 15n],
  [
    "one partition behind",
    [
      ["clicks/0", 7n],
      ["clicks/1", 5n],
    ],
    3n,
  ],
  [
    "all committed",
    [
      ["clicks/0", 10n],
      ["clicks/1", 5n],
    ],
    0n,
  ],
  [
    "committed beyond what ended then",
    [
      ["clicks/0", 20n],
      ["clicks/1", 5n],
    ],
    0n,
  ],
  [
    "one far ahead does not make up for another",
    [
      ["clicks/0", 20n],
      ["clicks/1", 0n],
    ],
    5n,
  ],
])("%s", (_name, committed, behind) => {
  expect(messagesBehind(ends, new Map(committed))).toBe(behind);
});
