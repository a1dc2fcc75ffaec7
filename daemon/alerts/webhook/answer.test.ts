import { expect, test } from "bun:test";
import { attemptOf, retryAfterMs } from "./answer.ts";

const now = Date.parse("2026-11-24T03:00:00Z");
const answer = { status: 200, retryAfter: null, text: "", cutOff: false };

test.each([
  [null, null],
  ["", null],
  ["120", 120_000],
  ["0", 0],
  ["86400", 3_600_000],
  ["99999999999999999999999", 3_600_000],
  ["Tue, 24 Nov 2026 03:00:30 GMT", 30_000],
  ["Tue, 24 Nov 2026 02:00:00 GMT", 0],
  ["Wed, 25 Nov 2026 03:00:00 GMT", 3_600_000],
  ["soon", null],
])("Retry-After %p asks for %p ms", (header, ms) => {
  expect(retryAfterMs(header, now)).toBe(ms);
});

test.each([
  [200, "delivered"],
  [204, "delivered"],
  [299, "delivered"],
  [302, "retry"],
  [400, "retry"],
  [401, "retry"],
  [404, "retry"],
  [410, "disabled"],
  [429, "retry"],
  [500, "retry"],
  [503, "retry"],
] as const)("HTTP %p is %p", (status, kind) => {
  expect(attemptOf({ ...answer, status }, now).kind).toBe(kind);
});

test("a reason tells an error code of the body, and nothing else of it", () => {
  const retry = { kind: "retry", afterMs: null } as const;
  const told = { ...answer, status: 400, text: "invalid_blocks\n" };
  expect(attemptOf(told, now)).toEqual({ ...retry, reason: "HTTP 400: invalid_blocks" });
  const echo = { ...answer, status: 404, text: "Cannot POST /services/T0/B0/s3cret" };
  expect(attemptOf(echo, now)).toEqual({ ...retry, reason: "HTTP 404" });
});
