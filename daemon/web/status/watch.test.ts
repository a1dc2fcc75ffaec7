import { expect, test } from "bun:test";
import { sleep } from "../../../src/sleep.ts";
import { Watch } from "./watch.ts";

test("a server that went away leaves what it said last, with since when and why", async () => {
  let answer: () => Promise<number> = async () => 1;
  const watch = new Watch(() => answer(), 0, 0);
  await watch.look();
  expect([watch.value, watch.away]).toEqual([1, null]);
  answer = () => Promise.reject(new Error("refused"));
  await watch.look();
  const { away } = watch;
  expect(away).toMatchObject({ reason: "refused" });
  await sleep(20);
  await watch.look();
  expect([watch.value, watch.away]).toEqual([1, away]);
  answer = async () => 2;
  await watch.look();
  expect([watch.value, watch.away]).toEqual([2, null]);
});

test("one that is slow keeps nobody waiting for long where something was known a moment ago", async () => {
  let delayMs = 0;
  let count = 0;
  const watch = new Watch(
    async () => {
      await sleep(delayMs);
      return ++count;
    },
    0,
    0,
  );
  delayMs = 1_200;
  const first = performance.now();
  await watch.look();
  expect(watch.value).toBe(1);
  expect(performance.now() - first).toBeGreaterThan(1_100);
  const second = performance.now();
  await watch.look();
  expect(watch.value).toBe(1);
  expect(performance.now() - second).toBeLessThan(1_100);
});
