import { expect, test } from "bun:test";
import { silentLog } from "../../src/log.ts";
import type { Finding } from "../finding.ts";
import { joinLooks, lookWith } from "./probe.ts";

const fell: Finding = { kind: "a", severity: "warning", labels: {}, summary: "", facts: {}, remedy: "" };

test("a probe that cannot look says nothing about its kinds, and keeps no other from saying something", async () => {
  const { covers, findings } = await lookWith(
    [
      { name: "sees", kinds: ["a", "b"], look: async () => [fell] },
      { name: "fails", kinds: ["c"], look: () => Promise.reject(new Error("no answer")) },
      { name: "sees nothing", kinds: ["d"], look: async () => [] },
    ],
    silentLog,
  );
  expect([...covers].sort()).toEqual(["a", "b", "d"]);
  expect(findings).toEqual([fell]);
});

test("two looks are joined", () => {
  const other = { covers: new Set(["b"]), findings: [{ ...fell, kind: "b" }] };
  const { covers, findings } = joinLooks({ covers: new Set(["a", "b"]), findings: [fell] }, other);
  expect([...covers]).toEqual(["a", "b"]);
  expect(findings.map(({ kind }) => kind)).toEqual(["a", "b"]);
});
