import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate } from "../../../data/generate/generate.ts";
import { silentLog } from "../../log.ts";
import { clicks, transactions } from "./files.ts";
import { prepare } from "./prepare.ts";

const folder = mkdtempSync(join(tmpdir(), "tidemark-prepare-"));
const raw = join(folder, "raw");
const out = join(folder, "out");
mkdirSync(raw);
afterAll(() => rmSync(folder, { recursive: true }));

/** Raw files with these times, each row named in a text column; the time column stands first here, on purpose. */
function writeRaw(clickTimes: readonly string[], transactionTimes: readonly string[]): void {
  for (const [file, times, prefix] of [
    [clicks, clickTimes, "c"],
    [transactions, transactionTimes, "t"],
  ] as const) {
    const rows = times.map((time, at) =>
      [time, ...file.columns.map((name) => (name === "session_id" ? `"${prefix}${at}, ""x"""` : ""))].join(","),
    );
    writeFileSync(join(raw, file.raw), `${[[file.timeColumn, ...file.columns].join(","), ...rows].join("\n")}\n`);
  }
}

test("the day with the most clicks is written in time order, with offsets that keep both files in step", async () => {
  writeRaw(
    [
      "2022-08-01T00:00:00Z",
      "2022-07-31T23:59:59.999999Z",
      "2022-07-31 00:00:10",
      "2022-07-31T07:00:12.9+07:00",
      "never",
      "2022-07-30T23:59:59Z",
    ],
    ["2022-07-31T00:00:15Z", "2022-08-02T00:00:00Z", "2022-07-31T00:00:11Z"],
  );
  const summary = await prepare({ raw, out }, silentLog);
  expect(summary).toEqual({
    day: "2022-07-31",
    clicks: { read: 6, written: 3, otherDays: 2, bad: 1 },
    transactions: { read: 3, written: 2, otherDays: 1, bad: 0 },
  });
  const cells = (name: string) =>
    readFileSync(join(out, name), "utf8")
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => [/[ct]\d/.exec(line)?.[0], ...line.split(",").slice(-2)]);
  expect(cells("one-day-clicks.csv")).toEqual([
    ["c2", "2022-07-31T00:00:10.000000Z", "0"],
    ["c3", "2022-07-31T00:00:12.900000Z", "2"],
    ["c1", "2022-07-31T23:59:59.999999Z", "86387"],
  ]);
  expect(cells("one-day-transactions.csv")).toEqual([
    ["t2", "2022-07-31T00:00:11.000000Z", "1"],
    ["t0", "2022-07-31T00:00:15.000000Z", "4"],
  ]);
  expect(readFileSync(join(out, "one-day-clicks.csv"), "utf8")).toContain('"c2, ""x"""');
});

test("--day takes another day, and one without clicks is refused and writes nothing", async () => {
  writeRaw(["2022-07-30T12:00:00Z", "2022-07-31T12:00:00Z", "2022-07-31T13:00:00Z"], []);
  expect((await prepare({ raw, out, day: "2022-07-30" }, silentLog)).clicks.written).toBe(1);
  const elsewhere = join(folder, "elsewhere");
  await expect(prepare({ raw, out: elsewhere, day: "2021-01-01" }, silentLog)).rejects.toThrow(
    "no click on 2021-01-01",
  );
  expect(readdirSync(folder)).not.toContain("elsewhere");
});

test("missing files and columns are named", async () => {
  await expect(prepare({ raw: join(folder, "none"), out }, silentLog)).rejects.toThrow("click_stream_new.csv");
  writeRaw(["2022-07-30T12:00:00Z"], []);
  writeFileSync(join(raw, transactions.raw), "created_at,customer_id\n");
  await expect(prepare({ raw, out }, silentLog)).rejects.toThrow(
    /transaction_new\.csv lacks the columns booking_id, .*item_price/,
  );
});

test("a million rows of one day, sorted in runs on disk, take less than 300 MB", async () => {
  const many = join(folder, "many");
  generate({ out: many, clicks: 1_000_000, transactions: 20_000, customers: 10, products: 100, seed: 3, days: 1 });
  const child = Bun.spawn(
    [
      process.execPath,
      "--smol",
      join(import.meta.dir, "main.ts"),
      "--raw",
      many,
      "--out",
      join(folder, "sorted"),
      "--json",
    ],
    { stdout: "pipe", stderr: "inherit" },
  );
  // Not resourceUsage().maxRSS: a child's begins with what its parent had when it forked.
  let peakKilobytes = 0;
  const timer = setInterval(async () => {
    const status = await Bun.file(`/proc/${child.pid}/status`)
      .text()
      .catch(() => "");
    peakKilobytes = Math.max(peakKilobytes, Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0));
  }, 50);
  const summary = JSON.parse(await new Response(child.stdout).text());
  expect(await child.exited).toBe(0);
  clearInterval(timer);
  expect(summary.clicks).toEqual({ read: 1_000_000, written: 1_000_000, otherDays: 0, bad: 0 });
  expect(peakKilobytes).toBeGreaterThan(10_000);
  expect(peakKilobytes / 1000).toBeLessThan(300);
  let previous = "";
  let rows = 0;
  for (const line of readFileSync(join(folder, "sorted", "one-day-clicks.csv"), "utf8")
    .split("\n")
    .slice(1, -1)) {
    const time = line.slice(line.lastIndexOf(",", line.lastIndexOf(",") - 1) + 1);
    if (time.slice(0, 27) < previous) throw new Error(`row ${rows} stands before an earlier one`);
    previous = time.slice(0, 27);
    rows++;
  }
  expect(rows).toBe(1_000_000);
}, 60_000);
