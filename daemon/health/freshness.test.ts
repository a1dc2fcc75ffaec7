import { expect, test } from "bun:test";
import { type Arrivals, freshnessFindings } from "./freshness.ts";

const MINUTE = 60_000;
const NOW = 10_000 * MINUTE;
const live: Arrivals = {
  ...{ table: "clicks", newestMs: NOW - 20 * MINUTE, longestPauseMs: 2 * MINUTE, buckets: 100, ended: false },
};

const cases: readonly (readonly [string, Partial<Arrivals>, boolean])[] = [
  ["has been silent for longer than is usual and allowed", {}, true],
  ["got a row just now", { newestMs: NOW }, false],
  ["has been silent for less than is allowed", { newestMs: NOW - 15 * MINUTE + 1 }, false],
  ["has been silent for just as long as is not allowed", { newestMs: NOW - 15 * MINUTE }, true],
  ["has been silent for less than three times its longest pause", { longestPauseMs: 7 * MINUTE }, false],
  ["has been silent for more than three times its longest pause", { longestPauseMs: 6 * MINUTE }, true],
  ["was replayed to its end", { ended: true }, false],
  ["has too few rows to have a pace", { buckets: 29 }, false],
  ["has just enough rows to have a pace", { buckets: 30 }, true],
  ["is empty", { newestMs: null }, false],
];

test.each(cases)("a table that %s", (_name, change, stale) => {
  const findings = freshnessFindings([{ ...live, ...change }], NOW, 15 * MINUTE);
  expect(findings.map(({ kind, severity }) => `${kind} ${severity}`)).toEqual(stale ? ["events-stale warning"] : []);
});

test("each table is judged by itself, and for how long it has been silent is said", () => {
  const arrivals = [live, { ...live, table: "orders", newestMs: NOW }, { ...live, table: "products" }];
  const findings = freshnessFindings(arrivals, NOW, 15 * MINUTE);
  expect(findings.map(({ labels }) => labels.table)).toEqual(["clicks", "products"]);
  expect(findings[0]?.summary).toBe("clicks has got no new row for 20 minutes");
  expect(findings[0]?.facts).toEqual({
    newest_row: new Date(NOW - 20 * MINUTE).toISOString(),
    longest_pause_of_the_last_day: "2 min",
  });
});
