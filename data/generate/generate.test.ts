import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { type GenerateOptions, generate } from "./generate.ts";

const folder = mkdtempSync(join(tmpdir(), "tidemark-generate-"));
afterAll(() => rmSync(folder, { recursive: true }));

type Row = Record<string, string>;
const names = ["click_stream_new.csv", "transaction_new.csv", "customer.csv", "product.csv"] as const;

function made(options: Partial<GenerateOptions>): { bytes: Buffer[]; rows: Row[][] } {
  const sizes = { clicks: 3000, transactions: 200, customers: 50, products: 40, seed: 1, days: 3 };
  generate({ out: folder, ...sizes, ...options });
  const bytes = names.map((name) => readFileSync(join(folder, name)));
  return { bytes, rows: bytes.map((file) => parse(file, { columns: true }) as Row[]) };
}

test("the same seed gives the same bytes, another one others", () => {
  const first = made({}).bytes;
  expect(made({}).bytes.map((file, at) => file.equals(first[at]!))).toEqual([true, true, true, true]);
  expect(made({ seed: 2 }).bytes.some((file, at) => file.equals(first[at]!))).toBe(false);
});

test.each([
  [3000, 200],
  [1, 0],
  [1, 3],
  [26, 1],
  [500, 500],
])("%p clicks and %p transactions are exactly so many", (clicks, transactions) => {
  expect(made({ clicks, transactions }).rows.map((rows) => rows.length)).toEqual([clicks, transactions, 50, 40]);
});

test("the data has the traits of the real files", () => {
  const [clicks = [], transactions = []] = made({}).rows;
  const times = clicks.map((row) => row.event_time ?? "");
  expect(times).not.toEqual(times.toSorted());
  const days = Map.groupBy(times, (time) => time.slice(0, 10));
  expect([...days.keys()].toSorted()).toEqual(["2022-07-29", "2022-07-30", "2022-07-31"]);
  expect(Math.max(...[...days.values()].map((rows) => rows.length))).toBe(days.get("2022-07-31")!.length);
  for (const [name, column] of [
    ["SEARCH", "search_keywords"],
    ["ADD_TO_CART", "product_id"],
    ["BOOKING", "payment_status"],
    ["ADD_PROMO", "promo_code"],
  ] as const) {
    const having = clicks.filter((row) => row[column] !== "").map((row) => row.event_name);
    expect(new Set(having)).toEqual(new Set([name]));
  }
  expect(new Set(clicks.map((row) => row.event_id)).size).toBe(clicks.length);

  const booked = new Map(clicks.filter((row) => row.event_name === "BOOKING").map((row) => [row.session_id, row]));
  for (const row of transactions) expect(booked.get(row.session_id)?.payment_status).toBe(row.payment_status);
  const bookings = Map.groupBy(transactions, (row) => row.booking_id);
  expect([...bookings.values()].some((rows) => rows.length > 1)).toBe(true);
  for (const [first, ...others] of bookings.values()) {
    const items = [first!, ...others].reduce((sum, row) => sum + Number(row.item_price) * Number(row.quantity), 0);
    expect(Number(first!.total_amount)).toBe(items + Number(first!.shipment_fee) - Number(first!.promo_amount));
  }
});
