import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import fc from "fast-check";
import { type TimedRow, TimeSorter } from "./sort.ts";

const temporary = () => readdirSync(tmpdir()).filter((name) => name.startsWith("tidemark-sort-")).length;

function sorted(rows: readonly TimedRow[], memoryBytes: number): TimedRow[] {
  using sorter = new TimeSorter(memoryBytes);
  for (const row of rows) sorter.add(row);
  return [...sorter.sorted()];
}

test.each([
  ["in memory", 1 << 20],
  ["in a run on disk for every row, merged many times over", 1],
])(
  "rows come in order of time, then of line, and whole: %s",
  (_where, memoryBytes) => {
    const before = temporary();
    const row = fc.record({ micros: fc.integer({ min: 0, max: 20 }), text: fc.string({ unit: "grapheme" }) });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 60 }), (drawn) => {
        const rows = drawn.map((one, line) => ({ ...one, line }));
        const expected = rows.toSorted((a, b) => a.micros - b.micros || a.line - b.line);
        expect(sorted(rows, memoryBytes)).toEqual(expected);
      }),
      { numRuns: 25 },
    );
    expect(temporary()).toBe(before);
  },
  30_000,
);
