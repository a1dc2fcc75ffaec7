import { expect, test } from "bun:test";
import { judged, table } from "../testing/tables.ts";
import { caveatsOf } from "./caveats.ts";
import { joined } from "./dashboard.ts";
import { intervalOf, toSteps } from "./span.ts";

const HOUR = 3_600_000;

test("an hour has a point a minute, and no span has more points than a line can show", () => {
  expect(intervalOf(0, HOUR)).toBe(60_000);
  expect(intervalOf(0, 6 * HOUR)).toBe(60_000);
  for (const hours of [7, 24, 24 * 7, 24 * 30, 24 * 92]) {
    expect((hours * HOUR) / intervalOf(0, hours * HOUR)).toBeLessThanOrEqual(360);
  }
});

test("pages that ask within five seconds ask for the same", () => {
  expect(toSteps(11_000, 61_000)).toEqual(toSteps(14_999, 64_999));
  expect(toSteps(11_000, 61_000)).toEqual({ fromMs: 10_000, toMs: 65_000 });
});

test("clicks and transactions are points of the same times, also where one has none", () => {
  const points = (...buckets: [key: number, count: number][]) => ({
    buckets: buckets.map(([key, doc_count]) => ({ key, doc_count })),
  });
  expect(joined(points([0, 5], [60_000, 6]), points([60_000, 2], [120_000, 3]))).toEqual([
    { at: "1970-01-01T00:00:00.000Z", clicks: 5, transactions: 0 },
    { at: "1970-01-01T00:01:00.000Z", clicks: 6, transactions: 2 },
    { at: "1970-01-01T00:02:00.000Z", clicks: 0, transactions: 3 },
  ]);
});

test("panels say what is known to differ in them; tables that they do not show are left out", () => {
  const { tables } = judged([
    table("clicks", { open: 4, emitted: 8 }),
    table("transactions", { quarantined: 1 }),
    table("customers", { open: 5 }),
  ]);
  expect(caveatsOf(tables, "heal", false)).toEqual([
    { table: "clicks", rows: 12, text: "12 rows being healed" },
    { table: "transactions", rows: 1, text: "1 row differs" },
  ]);
  expect(caveatsOf(tables, "report", false)[0]?.text).toBe("12 rows differ");
  expect(caveatsOf([table("clicks")], "heal", false)).toEqual([]);
  expect(caveatsOf([table("clicks")], "heal", true).map((one) => one.table)).toEqual(["clicks", "transactions"]);
});
