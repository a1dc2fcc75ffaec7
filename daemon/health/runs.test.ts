import { expect, test } from "bun:test";
import { runFindings } from "./runs.ts";

const NOW = 1_000_000_000;
const recent = (agoSeconds: number, everySeconds = 30) => ({
  ...{ run: "recent", lastGoodAtMs: NOW - agoSeconds * 1_000, everyMs: everySeconds * 1_000 },
});

test.each([
  ["just now", 0, 30, false],
  ["three turns and 90 s ago", 180, 30, false],
  ["longer ago than that", 181, 30, true],
  ["long ago, but it seldom runs", 3_600, 1_800, false],
  ["longer ago than three of its turns", 5_491, 1_800, true],
] as const)("a run that came through %s", (_name, ago, every, overdue) => {
  const findings = runFindings([recent(ago, every)], NOW);
  expect(findings.map(({ kind, severity }) => `${kind} ${severity}`)).toEqual(overdue ? ["run-overdue critical"] : []);
});

test("of several runs only those are named that are overdue, with how long and how often", () => {
  const [finding, ...others] = runFindings([recent(10), { ...recent(300, 5), run: "scrub" }], NOW);
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ labels: { run: "scrub" }, facts: { every_seconds: 5 } });
  expect(finding?.summary).toContain("scrub run has not come through for 300 s");
});
