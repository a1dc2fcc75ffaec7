import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load } from "../../src/load/load.ts";
import { createDatabase } from "../pipeline.ts";
import { STACK_TIMEOUT_MS, testEndpoints, testStack } from "./fixture.ts";
import { watchedLog } from "./logs.ts";

const sample = join(import.meta.dir, "../../data/sample");
const folder = mkdtempSync(join(tmpdir(), "tidemark-load-"));

beforeAll(async () => {
  await testStack();
}, STACK_TIMEOUT_MS);
afterAll(() => rmSync(folder, { recursive: true }));

test("a second load touches only what changed; of a repeated key the last row wins; a bad row is rejected", async () => {
  await using database = await createDatabase(await testEndpoints());
  const { config, sql } = database;
  const run = (dataDir: string) => load({ config, dataDir, log: watchedLog });
  const counts = { updated: 0, unchanged: 0, repeated: 0, rejected: 0 };
  expect(await run(sample)).toEqual([
    { file: "customer.csv", read: 500, inserted: 500, ...counts },
    { file: "product.csv", read: 300, inserted: 300, ...counts },
  ]);
  const versions = () => sql`SELECT id, xmin::text FROM products ORDER BY id`;
  const before = await versions();

  const lines = readFileSync(join(sample, "product.csv"), "utf8").trimEnd().split("\n");
  const [header = "", first = "", second = ""] = lines;
  const renamed = (line: string, gender: string) =>
    line.split(",").with(header.split(",").indexOf("gender"), gender).join(",");
  const changed = [header, renamed(first, "Once"), ...lines.slice(2), renamed(first, "Twice"), "not a product"];
  writeFileSync(join(folder, "product.csv"), `${changed.join("\n")}\n`);
  const [customers, products] = await run(folder);
  expect(customers?.read).toBe(0);
  expect(products).toEqual({
    file: "product.csv",
    read: 302,
    inserted: 0,
    updated: 1,
    unchanged: 299,
    repeated: 1,
    rejected: 1,
  });
  const after = await versions();
  const touched = after.filter((row, at) => row.xmin !== before[at]?.xmin);
  expect(touched.map((row) => String(row.id))).toEqual([first.split(",")[header.split(",").indexOf("id")] ?? ""]);
  expect(second).not.toBe("");
  expect((await sql`SELECT gender FROM products WHERE id = ${touched[0]?.id}`)[0]?.gender).toBe("Twice");
  expect((await sql`SELECT line, reason FROM replay.rejects`)[0]).toEqual({
    line: "303",
    reason: "1 columns, expected 10",
  });
}, 60_000);
