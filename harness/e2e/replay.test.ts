import { afterAll, beforeAll, expect, test } from "bun:test";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ReplayOptions, replay } from "../../src/replay/replay.ts";
import { createDatabase, type Database } from "../pipeline.ts";
import { poll } from "../poll.ts";
import { STACK_TIMEOUT_MS, startProgram, testEndpoints, testStack } from "./fixture.ts";
import { watchedLog } from "./logs.ts";

const sample = join(import.meta.dir, "../../data/sample");
const folder = mkdtempSync(join(tmpdir(), "tidemark-replay-"));
const clicksFile = join(folder, "one-day-clicks.csv");
const transactionsFile = join(folder, "one-day-transactions.csv");
const [clicksHeader = "", ...clicksLines] = readFileSync(join(sample, "one-day-clicks.csv"), "utf8").split("\n");
const [transactionsHeader = ""] = readFileSync(join(sample, "one-day-transactions.csv"), "utf8").split("\n");

beforeAll(async () => {
  await testStack();
}, STACK_TIMEOUT_MS);
afterAll(() => rmSync(folder, { recursive: true }));

const run = (database: Database, options: Partial<ReplayOptions> = {}) =>
  replay({ config: database.config, dataDir: sample, speed: "max", mode: "fresh", log: watchedLog, ...options });

const count = async ({ sql }: Database, table: string) =>
  Number((await sql.unsafe(`SELECT count(*) AS n FROM ${table}`))[0]?.n);

test("kill -9 in the middle, then --resume: each row exactly once, in the order in which it happened", async () => {
  await using database = await createDatabase(await testEndpoints());
  // At this speed the day takes 12 s.
  const first = startProgram("src/replay/main.ts", ["--speed", "7200"], database.config);
  await poll("some rows", 20_000, async () => (await count(database, "clicks")) > 200);
  first.kill("SIGKILL");
  await first.exited;
  const before = await count(database, "clicks");
  expect(before).toBeLessThan(5_000);
  const second = startProgram("src/replay/main.ts", ["--resume", "--speed", "max", "--json"], database.config);
  const summary = JSON.parse(await new Response(second.stdout).text());
  expect(await second.exited).toBe(0);
  expect(summary.finished).toBe(true);
  expect(summary.files[0]).toEqual({ file: "one-day-clicks.csv", read: 5_000, written: 5_000, rejected: 0 });
  const [row] = await database.sql`
    SELECT count(*) AS rows, count(DISTINCT event_id) AS events,
           count(*) FILTER (WHERE event_time < previous) AS disordered
    FROM (SELECT event_id, event_time, lag(event_time) OVER (ORDER BY id) AS previous FROM clicks) c`;
  expect(row).toEqual({ rows: "5000", events: "5000", disordered: "0" });
}, 90_000);

test("an unfinished run is not started over without --resume or --restart, and both are named", async () => {
  await using database = await createDatabase(await testEndpoints());
  const stopped = await run(database, { limit: 100 });
  expect(stopped.finished).toBe(false);
  await expect(run(database)).rejects.toThrow(/--resume.*--restart/);
  expect((await run(database, { mode: "restart", limit: 50 })).files[0]?.read).toBeLessThan(100);
  expect((await run(database, { mode: "resume" })).finished).toBe(true);
  expect((await count(database, "clicks")) + (await count(database, "transactions"))).toBe(100 + 5_300);
  expect((await run(database, { limit: 1 })).finished).toBe(false);
}, 60_000);

test("a second replay at the same time is refused", async () => {
  await using database = await createDatabase(await testEndpoints());
  const stop = new AbortController();
  const first = run(database, { speed: 1, signal: stop.signal });
  await poll("the first replay to hold its lock", 10_000, async () => {
    return (await database.sql`SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted`).length > 0;
  });
  await expect(run(database)).rejects.toThrow("another replay");
  stop.abort();
  expect((await first).finished).toBe(false);
}, 60_000);

test("--resume is refused when a file is another one than before", async () => {
  await using database = await createDatabase(await testEndpoints());
  writeFileSync(clicksFile, [clicksHeader, ...clicksLines.slice(0, 50), ""].join("\n"));
  writeFileSync(transactionsFile, `${transactionsHeader}\n`);
  await run(database, { dataDir: folder, limit: 10 });
  appendFileSync(clicksFile, `${clicksLines[50]}\n`);
  await expect(run(database, { dataDir: folder, mode: "resume" })).rejects.toThrow(
    "one-day-clicks.csv is not the file",
  );
}, 60_000);

test("PostgreSQL killed in the middle of a replay: it waits, and writes each row exactly once", async () => {
  const stack = await testStack();
  await using database = await createDatabase(stack.endpoints);
  const replaying = run(database, { speed: 14_400 });
  await poll("some rows", 20_000, async () => (await count(database, "clicks")) > 100);
  await stack.server("postgres").kill();
  await stack.server("postgres").start();
  expect((await replaying).finished).toBe(true);
  const [row] = await database.sql`SELECT count(*) AS rows, count(DISTINCT event_id) AS events FROM clicks`;
  expect(row).toEqual({ rows: "5000", events: "5000" });
}, 90_000);

test("every kind of bad row is rejected with its line and reason, and no good row is lost", async () => {
  await using database = await createDatabase(await testEndpoints());
  const columns = clicksHeader.split(",");
  const good = (clicksLines[0] ?? "").split(",");
  const withField = (name: string, value: string) =>
    good.map((field, at) => (columns[at] === name ? value : field)).join(",");
  const bad: [string | Buffer, RegExp][] = [
    [`${good.join(",")},one more`, /columns, expected/],
    ["too,few", /columns, expected/],
    [withField("product_id", "twelve"), /product_id: expected a whole number/],
    [withField("product_id", "1.5"), /product_id: expected a whole number/],
    [withField("quantity", "3000000000"), /quantity: out of range/],
    [withField("item_price", "1,5"), /columns, expected/],
    [withField("item_price", "NaN"), /item_price: expected a number/],
    [Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(good.join(","))]), /invalid UTF-8/],
    [withField("search_keywords", "a\0b"), /NUL/],
    [withField("search_keywords", "x".repeat((1 << 20) + 1)), /longer than/],
    [withField("search_keywords", '"not closed'), /quote not closed/],
    [withField("search_keywords", 'out of "place"'), /quote out of place/],
    [withField("event_time", "yesterday"), /event_time: expected a time/],
    [withField("event_time", "2022-02-30T00:00:00Z"), /event_time: expected a time/],
  ];
  const pieces: Buffer[] = [Buffer.from(`${clicksHeader}\n`)];
  for (const [line] of bad) pieces.push(Buffer.from(line), Buffer.from(`\n${good.join(",")}\n`));
  pieces.push(Buffer.from(`${withField("search_keywords", '"quoted, with ""quotes"" and a\nnewline"')}\r\n\n`));
  writeFileSync(clicksFile, Buffer.concat(pieces));
  writeFileSync(transactionsFile, `${transactionsHeader}\n`);
  const summary = await run(database, { dataDir: folder });
  expect(summary.files[0]).toEqual({
    file: "one-day-clicks.csv",
    read: 2 * bad.length + 1,
    written: bad.length + 1,
    rejected: bad.length,
  });
  const rejects = await database.sql<
    { line: string; reason: string }[]
  >`SELECT line, reason FROM replay.rejects ORDER BY line`;
  expect(rejects.map(({ line }) => Number(line))).toEqual(bad.map((_, at) => 2 * at + 2));
  rejects.forEach(({ reason }, at) => {
    expect(reason).toMatch(bad[at]?.[1] ?? /never/);
  });
  const [last] = await database.sql`SELECT search_keywords FROM clicks ORDER BY id DESC LIMIT 1`;
  expect(last?.search_keywords).toBe('quoted, with "quotes" and a\nnewline');
}, 60_000);
