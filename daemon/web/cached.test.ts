import { expect, test } from "bun:test";
import { sleep } from "../../src/sleep.ts";
import { cached } from "./cached.ts";

/** A reader that counts its readings, on a clock that the test moves. */
function reader(read: (count: number, pass: (ms: number) => void) => Promise<number>) {
  const clock = { ms: 0 };
  let count = 0;
  const pass = (ms: number) => {
    clock.ms += ms;
  };
  const ask = cached(
    () => read(++count, pass),
    1_000,
    () => clock.ms,
  );
  return { ask, pass };
}

test("a hundred who ask at once share one reading, and so do all within a second", async () => {
  const { ask, pass } = reader(async (count) => count);
  expect(new Set(await Promise.all(Array.from({ length: 100 }, ask)))).toEqual(new Set([1]));
  pass(999);
  expect(await ask()).toBe(1);
  pass(1);
  expect(await ask()).toBe(2);
});

test("what takes 200 ms to read is kept for 4 s, and what takes a minute for 15 s", async () => {
  const { ask, pass } = reader(async (count, pass) => {
    pass(count === 1 ? 200 : 60_000);
    return count;
  });
  await ask();
  pass(3_999);
  expect(await ask()).toBe(1);
  pass(1);
  expect(await ask()).toBe(2);
  pass(14_999);
  expect(await ask()).toBe(2);
  pass(1);
  expect(await ask()).toBe(3);
});

test("a failure is told to all who ask, and tried again after a second however long it took", async () => {
  const { ask, pass } = reader(async (count, pass) => {
    pass(10_000);
    if (count === 1) throw new Error("away");
    return count;
  });
  expect(ask()).rejects.toThrow("away");
  expect(ask()).rejects.toThrow("away");
  await sleep(0);
  pass(1_000);
  expect(await ask()).toBe(2);
});
