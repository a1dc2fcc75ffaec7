import { expect, test } from "bun:test";
import { copyLine } from "./copy-text.ts";
import type { ReplayEvent } from "./events.ts";
import { Merge } from "./merge.ts";
import { Pace, parseSpeed } from "./pace.ts";
import { progressText } from "./progress.ts";

const event = (file: string, timeMs: number): ReplayEvent => ({
  file,
  timeMs,
  line: 1,
  beforeByte: 0,
  after: { byte: 0, linesRead: 0, seconds: 0 },
  values: [],
});

async function* source(...batches: ReplayEvent[][]) {
  yield* batches;
}

test("two files become one order; of equal times the first file's comes first", async () => {
  const merge = new Merge([
    source([event("a", 1), event("a", 5)], [], [event("a", 5)]),
    source([event("b", 0), event("b", 5)], [event("b", 9)]),
  ]);
  const taken = await merge.takeWhile(() => true, 100);
  expect(taken.map(({ file, timeMs }) => `${file}${timeMs}`)).toEqual(["b0", "a1", "a5", "a5", "b5", "b9"]);
});

test("taking stops at the first event that is not wanted, and at the limit", async () => {
  const merge = new Merge([source([event("a", 1), event("a", 2), event("a", 3)])]);
  expect((await merge.takeWhile(({ timeMs }) => timeMs < 3, 1)).length).toBe(1);
  expect((await merge.takeWhile(({ timeMs }) => timeMs < 3, 9)).length).toBe(1);
  expect((await merge.peek())?.timeMs).toBe(3);
});

test("the first event is due at once, the others at their distance divided by the speed", () => {
  const pace = new Pace(10);
  expect([pace.dueMs(5_000, 100), pace.dueMs(6_000, 150), pace.dueMs(5_000, 900)]).toEqual([100, 200, 100]);
  expect(new Pace("max").dueMs(99_999, 7)).toBe(7);
});

test.each(["0", "-1", "fast", "Infinity"])("--speed %p is no speed", (text) => {
  expect(() => parseSpeed(text)).toThrow("above 0, or max");
});

test("COPY's text keeps tabs, newlines, backslashes and NULL apart", () => {
  expect(copyLine(["a\tb", "c\nd\r", "\\N", null, ""])).toBe("a\\tb\tc\\nd\\r\t\\\\N\t\\N\t\n");
});

test("progress tells rate, lag and time left, counted from where a resumed run began", () => {
  const first = { rows: 4_000, bytes: 100, totalBytes: 1_000, lagMs: 0 };
  const text = progressText({ rows: 4_500, bytes: 300, totalBytes: 1_000, lagMs: 1_500 }, 10_000, first);
  expect(text).toBe("4500 rows, 50 rows/s, lag 1.5 s, 35 s left");
});
