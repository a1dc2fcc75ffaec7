import { expect, test } from "bun:test";
import { Attempts } from "./attempts.ts";

test("each wrong token of an address is answered later than the one before, up to eight seconds", async () => {
  const waits: number[] = [];
  const attempts = new Attempts(async (ms) => {
    waits.push(ms);
  });
  for (let n = 0; n < 7; n++) expect(await attempts.judge("10.0.0.1", () => false)).toBe("wrong");
  expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 8_000]);
  expect(await attempts.judge("10.0.0.2", () => false)).toBe("wrong");
  expect(waits.at(-1)).toBe(250);
  expect(await attempts.judge("10.0.0.1", () => true)).toBe("right");
  expect(await attempts.judge("10.0.0.1", () => false)).toBe("wrong");
  expect(waits.at(-1)).toBe(250);
});

test("while four wrong ones wait for their answers, no other of that address is looked at", async () => {
  const waiting: (() => void)[] = [];
  const attempts = new Attempts(() => new Promise((resolve) => waiting.push(resolve)));
  const wrong = Array.from({ length: 4 }, () => attempts.judge("10.0.0.1", () => false));
  let looked = false;
  const right = () => {
    looked = true;
    return true;
  };
  expect(await attempts.judge("10.0.0.1", right)).toBe("refused");
  expect(looked).toBe(false);
  expect(await attempts.judge("10.0.0.2", right)).toBe("right");
  for (const answer of waiting) answer();
  expect(await Promise.all(wrong)).toEqual(Array(4).fill("wrong"));
  expect(await attempts.judge("10.0.0.1", right)).toBe("right");
});
