import { expect, test } from "bun:test";
import { touchedBy } from "./touched-by.ts";

const event = (before: object | null, after: object | null) =>
  Buffer.from(JSON.stringify({ before, after, source: { lsn: 70, sequence: '["90","70"]' } }));

test("an update touches the bucket that the row left and the one that it came to", () => {
  const value = event({ created_at: "2024-01-01T00:00:00.5Z" }, { created_at: "2024-01-02T00:00:00Z" });
  expect(touchedBy("created_at", value)).toEqual([
    { timeMs: Date.UTC(2024, 0, 1, 0, 0, 0, 500), lsn: 90 },
    { timeMs: Date.UTC(2024, 0, 2), lsn: 90 },
  ]);
});

test.each([
  ["an insert", event(null, { created_at: "2024-01-01T00:00:00Z" }), [Date.UTC(2024, 0, 1)]],
  ["an infinite time", event(null, { created_at: "infinity" }), [null]],
  ["a time before 1970", event(null, { created_at: "1969-12-31T23:59:59Z" }), [null]],
  ["a time before Christ", event(null, { created_at: "-0044-03-15T12:00:00Z" }), [null]],
  ["a heal's delete, which holds the key alone", event({ id: 1 }, null), []],
  ["a tombstone", null, []],
  ["what is no JSON", Buffer.from("{"), []],
  ["JSON that is no event", Buffer.from("[1]"), []],
])("%s", (_name, value, times) => {
  expect(touchedBy("created_at", value).map((touch) => touch.timeMs)).toEqual(times);
});
