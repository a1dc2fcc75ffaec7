import { expect, test } from "bun:test";
import type { FenceRecord } from "../store/fences.ts";
import { latencyFindings } from "./latency.ts";

const NOW = 1_000_000_000;

function passed(seconds: number, ageSeconds = 0): FenceRecord {
  const waits = { slot: seconds * 250, sink: seconds * 750 };
  return { atMs: NOW - ageSeconds * 1_000, passed: true, waits, stage: null, cause: null, distance: null };
}

function blocked(ageSeconds = 0): FenceRecord {
  const [stage, cause, distance] = ["sink", "no member", "4000 messages"];
  return { atMs: NOW - ageSeconds * 1_000, passed: false, waits: { sink: 60_000 }, stage, cause, distance };
}

const cases: readonly (readonly [string, readonly FenceRecord[], string | null])[] = [
  ["all quick", [passed(1), passed(1), passed(1)], null],
  ["one slow among quick ones", [passed(90), passed(1), passed(1)], null],
  ["most slow", [passed(16), passed(1), passed(16)], "warning"],
  ["just at the objective", [passed(15), passed(15), passed(15)], null],
  ["slow, but only two of them", [passed(90), passed(90)], null],
  ["slow, but long ago", [passed(90, 300), passed(90, 310), passed(90, 320)], null],
  ["the latest held up", [blocked(), passed(1), passed(1)], "critical"],
  ["one held up, and passed since", [passed(1), blocked(60), passed(1)], null],
  ["the latest held up, but long ago", [blocked(300), passed(1, 330), passed(1, 360)], null],
  ["none yet", [], null],
];

test.each(cases)("fences: %s", (_name, fences, severity) => {
  const findings = latencyFindings(fences, NOW, 15);
  expect(findings.map((one) => `${one.kind} ${one.severity}`)).toEqual(severity ? [`latency-high ${severity}`] : []);
});

test("how long it takes at which stage is told, or which stage holds it up, as one and the same fault", () => {
  const [slow] = latencyFindings([passed(20), passed(30), passed(40)], NOW, 15);
  expect(slow?.summary).toBe("a committed change takes 30.0 s until it can be searched; the objective is 15 s");
  expect(slow?.facts).toEqual({ slot_ms: 7_500, sink_ms: 22_500 });
  const [held] = latencyFindings([blocked()], NOW, 15);
  expect(held?.summary).toBe("a committed change could not be searched after 60 s: it is held up at the sink");
  expect(held?.facts).toEqual({ stage: "sink", cause: "no member", behind: "4000 messages" });
  expect(held?.labels).toEqual(slow?.labels ?? { none: "" });
});
