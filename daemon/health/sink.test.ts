import { expect, test } from "bun:test";
import { type LagSample, sinkFindings } from "./sink.ts";

const names = { consumerGroup: "g", watchdogLagMessages: 1_000 };
const NOW = 1_000_000;

/** Samples of a sink that was so far behind, one every 15 s, the last one now. */
function every15s(...messages: readonly number[]): readonly LagSample[] {
  return messages.map((behind, at) => ({ atMs: NOW - (messages.length - 1 - at) * 15_000, messages: behind }));
}

const cases: readonly (readonly [string, number, readonly LagSample[], string | null])[] = [
  ["keeps up", 1, every15s(0, 10, 0, 5), null],
  ["is behind by just what it may", 1, every15s(1_000, 1_000, 1_000, 1_000), null],
  ["falls behind", 1, every15s(500, 1_000, 1_500, 2_000), "sink-lag"],
  ["stands still", 1, every15s(5_000, 5_000, 5_000, 5_000), "sink-lag"],
  ["catches up", 1, every15s(9_000, 8_000, 7_000, 6_000), null],
  ["falls behind, but has for less than 45 s", 1, every15s(1_000, 2_000, 3_000), null],
  ["was seen for the first time", 1, every15s(90_000), null],
  ["has not been seen", 1, [], null],
  ["has no member, and nothing to do", 0, every15s(0, 0), "sink-absent"],
  ["has no member, and falls behind", 0, every15s(500, 1_000, 1_500, 2_000), "sink-absent"],
];

test.each(cases)("a sink that %s", (_name, members, samples, kind) => {
  const findings = sinkFindings(members, samples, names);
  expect(findings.map((one) => one.kind)).toEqual(kind === null ? [] : [kind]);
  for (const one of findings) expect(one).toMatchObject({ severity: "critical", labels: { group: "g" } });
});

test("lag is judged against the latest sample that is old enough, and both are told", () => {
  const [lag] = sinkFindings(1, every15s(9_000, 4_000, 4_100, 4_200, 5_000), names);
  expect(lag?.facts).toEqual({ messages_behind: 5_000, behind_before: 4_000, seconds_between: 45 });
});
