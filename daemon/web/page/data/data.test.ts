import { expect, test } from "bun:test";
import type { RunView } from "../../api.ts";
import { splitMatchers } from "../asks/matchers.ts";
import { readPlace, writePlace } from "./address.ts";
import { passesOf } from "./passes.ts";
import { boundsOf, DEFAULT_RANGE, readRange, writeRange } from "./range.ts";
import { failed } from "./state.ts";

test("view and range come back from the address as they went in", () => {
  const fixed = { fromMs: Date.parse("2026-11-24T10:00:00Z"), toMs: Date.parse("2026-11-24T12:00:00Z") };
  for (const range of [{ lastMs: 21_600_000 }, fixed]) {
    expect(readPlace(writePlace({ view: "dashboard", range }))).toEqual({ view: "dashboard", range });
  }
});

test("an address that says nothing, or nonsense, is the pipeline of the last hour", () => {
  for (const hash of ["", "#", "#nowhere?range=1000y", "#pipeline?range=2026-11-24~2026-11-23"]) {
    expect(readPlace(hash)).toEqual({ view: "pipeline", range: DEFAULT_RANGE });
  }
  expect(writeRange(readRange("7d"))).toBe("7d");
});

test("a range up to now moves with it", () => {
  expect(boundsOf({ lastMs: 60_000 }, Date.parse("2026-11-24T12:00:00Z"))).toEqual({
    from: "2026-11-24T11:59:00.000Z",
    to: "2026-11-24T12:00:00.000Z",
  });
});

test("what failed to load keeps what it had, and when it first failed", () => {
  const once = failed({ value: 7, failure: null }, "away", 1_000);
  expect(once).toEqual({ value: 7, failure: { message: "away", sinceMs: 1_000 } });
  expect(failed(once, "still away", 2_000).failure).toEqual({ message: "still away", sinceMs: 1_000 });
});

test("matchers are parted at commas, but not at those within quotes", () => {
  expect(splitMatchers('kind=a, table="b, c",severity!=critical, ')).toEqual([
    "kind=a",
    'table="b, c"',
    "severity!=critical",
  ]);
});

test("runs behind one fence are one pass: counts summed, the latest row of all, the worst outcome; what came to no end counts nothing", () => {
  const run = (id: number, fenceLsn: string | null, change: Partial<RunView>): RunView => ({
    ...{
      id,
      kind: "recent",
      table: "clicks",
      fenceLsn,
      fenceAt: null,
      fenceWaits: {},
      outcome: "clean",
      divergences: 0,
    },
    ...{ startedAt: `2026-11-24T12:00:0${id}Z`, finishedAt: `2026-11-24T12:00:0${id}Z` },
    ...{ postgresRows: 3, elasticsearchDocuments: 3, postgresLatest: null, elasticsearchLatest: null },
    ...change,
  });
  const latest = "2026-11-24T11:59:00Z";
  const passes = passesOf([
    run(4, null, { outcome: "unsettled", postgresLatest: latest }),
    run(2, "0/2", { outcome: "diverged", elasticsearchDocuments: 1, postgresLatest: latest }),
    run(1, "0/2", { postgresRows: 100, elasticsearchDocuments: 100 }),
  ]);
  expect(passes).toEqual([
    {
      ...{
        atMs: Date.parse("2026-11-24T12:00:01Z"),
        outcome: "diverged",
        postgresRows: 103,
        elasticsearchDocuments: 101,
      },
      ...{ postgresLatestMs: Date.parse(latest), elasticsearchLatestMs: null },
    },
    {
      ...{ atMs: Date.parse("2026-11-24T12:00:04Z"), outcome: "unsettled", postgresRows: null },
      ...{ elasticsearchDocuments: null, postgresLatestMs: null, elasticsearchLatestMs: null },
    },
  ]);
});
