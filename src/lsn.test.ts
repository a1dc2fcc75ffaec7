import { expect, test } from "bun:test";
import { formatLsn, parseLsn } from "./lsn.ts";

test.each([
  ["0/0", 0],
  ["16/B374D848", 97_500_059_720],
  ["FFFFFFFF/FFFFFFFF", 2 ** 64],
])("%s is %d", (text, lsn) => {
  expect(parseLsn(text)).toBe(lsn);
});

test.each(["0/0", "0/1", "16/B374D848", "1FFFFF/FFFFFFFF"])("%s comes back as it was", (text) => {
  expect(formatLsn(parseLsn(text))).toBe(text);
});

test.each(["", "16", "16/", "/1", "123456789/0", "1/G"])("%p is refused", (text) => {
  expect(() => parseLsn(text)).toThrow("expected an LSN");
});
