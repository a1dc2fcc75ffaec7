import { beforeAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { resolveConfig } from "../../src/config.ts";
import { runOnce } from "../demo/once.ts";
import { STACK_TIMEOUT_MS, testStack } from "./fixture.ts";
import { watchedLog } from "./logs.ts";

const root = join(import.meta.dir, "../..");
const realDay = join(root, "../shared/data/fashion-campus");

beforeAll(async () => {
  await testStack();
}, STACK_TIMEOUT_MS);

const run = async (dataDir: string) =>
  runOnce(await testStack(), resolveConfig({}, {}), dataDir, watchedLog, new AbortController().signal);

test("the sample: every row of all four tables becomes exactly one document", async () => {
  const summary = await run(join(root, "data/sample"));
  expect(summary.tables).toEqual({
    clicks: { rows: 5000, documents: 5000 },
    transactions: { rows: 300, documents: 300 },
    customers: { rows: 500, documents: 500 },
    products: { rows: 300, documents: 300 },
  });
  expect(summary.identical).toBe(true);
}, 120_000);

// The real data is not part of the project; where it lies beside the checkout it is tested too.
if (existsSync(realDay)) {
  test("the real day: 27,759 clicks and 1,667 transactions, identical within 60 s", async () => {
    const summary = await run(realDay);
    expect(summary.tables.clicks).toEqual({ rows: 27_759, documents: 27_759 });
    expect(summary.tables.transactions).toEqual({ rows: 1_667, documents: 1_667 });
    expect(summary.identical).toBe(true);
    expect(summary.seconds).toBeLessThan(60);
  }, 120_000);
}
