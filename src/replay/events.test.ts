import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dryRun } from "./dry-run.ts";
import { mergeFrom, openFiles } from "./replay.ts";
import { streams } from "./shapes.ts";

const folder = mkdtempSync(join(tmpdir(), "tidemark-events-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A prepared file with these times and nothing else. */
function writeTimes(stream: (typeof streams)[number], columns: readonly string[], times: readonly string[][]): void {
  const others = stream.shape
    .map(({ field }) => field)
    .filter((field) => !columns.includes(field) && field !== "event_time");
  const header = [...columns, ...others].join(",");
  const rows = times.map((time) => [...time, ...others.map(() => "")].join(","));
  writeFileSync(join(folder, stream.file), `${[header, ...rows].join("\n")}\n`);
}

async function order(): Promise<string[]> {
  const merge = mergeFrom(await openFiles(folder), new Map());
  const events = await merge.takeWhile(() => true, 100);
  await merge.close();
  const first = events.find(({ timeMs }) => Number.isFinite(timeMs))?.timeMs ?? 0;
  return events.map(({ file, timeMs, reason }) => {
    return `${file.includes("clicks") ? "click" : "transaction"} ${reason ?? (timeMs - first) / 1000}`;
  });
}

const [clicks, transactions] = streams;

test("with event_time, rows of both files are in its order", async () => {
  writeTimes(clicks, ["event_time"], [["2022-07-31T00:00:01Z"], ["2022-07-31T00:00:05.5Z"]]);
  writeTimes(transactions, ["event_time"], [["2022-07-31T07:00:02+07:00"], ["2022-07-31 00:00:09"]]);
  expect(await order()).toEqual(["click 0", "transaction 1", "click 4.5", "transaction 8"]);
});

test("with event_offset alone, as in the tutorial, both files start at the same instant", async () => {
  writeTimes(clicks, ["event_offset"], [["0"], ["10"], ["1.0"]]);
  writeTimes(transactions, ["event_offset"], [["5"], ["5"], ["3"]]);
  expect(await order()).toEqual([
    "click 0",
    "transaction 5",
    "click 10",
    "transaction 10",
    "click 11",
    "transaction 13",
  ]);
});

test("where one file has offsets alone, both are taken by their offsets", async () => {
  writeTimes(
    clicks,
    ["event_time", "event_offset"],
    [
      ["2022-07-31T00:00:01Z", "0"],
      ["2022-07-31T00:00:05Z", "4"],
    ],
  );
  writeTimes(transactions, ["event_offset"], [["3"]]);
  expect(await order()).toEqual(["click 0", "transaction 3", "click 4"]);
  writeTimes(clicks, ["event_time"], [["2022-07-31T00:00:01Z"]]);
  await expect(order()).rejects.toThrow(
    "one-day-clicks.csv has no column event_offset, and the other file no event_time",
  );
});

test("a bad row keeps its place after the row before", async () => {
  writeTimes(clicks, ["event_offset"], [["-1"], ["2"], ["soon"], ["2"]]);
  writeTimes(transactions, ["event_offset"], [["3"]]);
  expect(await order()).toEqual([
    "click event_offset: expected whole seconds",
    "click 2",
    "click event_offset: expected whole seconds",
    "transaction 3",
    "click 4",
  ]);
});

test("a dry run tells rows, rejects and how long it would take at a speed", async () => {
  writeTimes(clicks, ["event_time"], [["2022-07-31T00:00:00Z"], ["none"]]);
  writeTimes(transactions, ["event_time"], [["2022-07-31T01:00:00Z"]]);
  expect(await dryRun(folder, 60)).toEqual({ rows: 2, rejected: 1, seconds: 60 });
  expect(await dryRun(folder, "max")).toEqual({ rows: 2, rejected: 1 });
});
