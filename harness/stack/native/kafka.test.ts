import { expect, test } from "bun:test";
import { createClusterId } from "./kafka.ts";

test("a cluster id never starts with a dash, which Kafka's tools would take for an option", () => {
  // 0b111110 is the dash of base64url.
  const draws = [0b11111011, 0b00000111].map((first) => new Uint8Array(16).fill(first, 0, 1));
  expect(createClusterId(() => draws.shift() ?? new Uint8Array(16))).toBe("BwAAAAAAAAAAAAAAAAAAAA");
});
