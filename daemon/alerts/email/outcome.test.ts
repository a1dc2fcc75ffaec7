import { expect, test } from "bun:test";
import { deliveredOf, outcomeOf } from "./outcome.ts";

function errorOf(parts: { code?: string; permanent?: boolean; responseCode?: number }): Error {
  return Object.assign(new Error("said the server"), parts);
}

test.each([
  ["a refused sender or recipient", { code: "EENVELOPE", responseCode: 550, permanent: true }, "refused"],
  ["a refused text", { code: "EMESSAGE", responseCode: 554, permanent: true }, "refused"],
  ["a text beyond the size that the server takes", { code: "EMESSAGE" }, "refused"],
  ["an address that is none", { code: "EENVELOPE" }, "refused"],
  ["a recipient to be tried later", { code: "EENVELOPE", responseCode: 450, permanent: false }, "retry"],
  ["a login asked for", { code: "EENVELOPE", responseCode: 530, permanent: true }, "retry"],
  ["a wrong password", { code: "EAUTH", responseCode: 535, permanent: true }, "retry"],
  ["a greeting that sends away", { code: "EPROTOCOL", responseCode: 554, permanent: true }, "retry"],
  ["no TLS", { code: "ETLS" }, "retry"],
  ["nobody there", { code: "ESOCKET" }, "retry"],
  ["no name", { code: "EDNS" }, "retry"],
  ["silence", { code: "ETIMEDOUT" }, "retry"],
  ["any other error", {}, "retry"],
])("%s", (_name, parts, kind) => {
  expect(outcomeOf(errorOf(parts)).kind).toBe(kind as "retry");
});

test("a reason is one line of bounded length", () => {
  const attempt = outcomeOf(new Error(`550-no\r\n550 ${"x".repeat(9_999)}`));
  expect(attempt.kind === "retry" ? attempt.reason : "").toMatch(/^550-no 550 x{200,300}…$/);
});

test("recipients that the server refused are counted", () => {
  expect(deliveredOf({ accepted: ["a", "b"], rejected: [] })).toEqual({
    kind: "delivered",
    detail: "accepted for 2 of 2 recipients",
  });
  expect(deliveredOf({ accepted: ["a"], rejected: ["b"] })).toEqual({
    kind: "delivered",
    detail: "accepted for 1 of 2 recipients",
  });
});
