import { expect, test } from "bun:test";
import { resolveConfig } from "../../src/config.ts";
import { changes, policyOf } from "./apply.ts";
import { type Incident, newIncident } from "./incidents/incident.ts";
import { parseMatcher } from "./incidents/matcher.ts";
import type { Silence } from "./incidents/silence.ts";
import { fault } from "./testing/clock.ts";

const NOW = 1_000_000;
const seen = newIncident(fault("sink-lag"), 1, NOW);
const firing: Incident = { ...seen, state: "firing", firedAtMs: NOW };
const told: Incident = { ...firing, toldAtMs: NOW, thread: "i1-t0" };
const muted: Incident = { ...firing, mutedBy: "kafka-unreachable{}" };
const over: Incident = { ...told, state: "resolved", wellSinceMs: NOW, resolvedAtMs: NOW };
const silence: Silence = {
  ...{ id: 1, author: "ann", reason: "move", startsAtMs: 0, endsAtMs: NOW + 1 },
  matchers: [parseMatcher("kind=sink-lag")],
};

type Case = readonly [string, Incident | undefined, Incident, readonly (readonly [string, string])[]];
const cases: readonly Case[] = [
  ["was seen for the first time", undefined, seen, [["seen", "sink-lag is here"]]],
  ["was seen again", seen, { ...seen, sightings: 2, lastSeenAtMs: NOW + 1 }, []],
  [
    "fires at first sight",
    undefined,
    firing,
    [
      ["seen", "sink-lag is here"],
      ["firing", "sink-lag is here"],
    ],
  ],
  ["begins to fire", seen, firing, [["firing", "sink-lag is here"]]],
  ["fires on", firing, firing, []],
  ["was told", firing, told, [["told", "i1-t0"]]],
  ["was told again", told, { ...told, toldAtMs: NOW + 1 }, [["told", "i1-t0"]]],
  ["is muted", firing, muted, [["muted", "kafka-unreachable{}"]]],
  ["is muted still", muted, muted, []],
  ["is muted by another cause", muted, { ...muted, mutedBy: "sink-absent{}" }, [["muted", "sink-absent{}"]]],
  ["is muted no more", muted, firing, [["unmuted", ""]]],
  ["is over", told, over, [["resolved", ""]]],
];

test.each(cases)("of an incident that %s the history says so, once", (_name, before, now, noted) => {
  expect(changes(before, now, [], NOW)).toEqual([...noted] as [string, string][]);
});

test("an end under a silence is noted as such", () => {
  expect(changes(told, over, [silence], NOW)).toEqual([["resolved", "silenced"]]);
  expect(changes(told, over, [silence], NOW + 1)).toEqual([["resolved", ""]]);
});

test("settings in seconds and minutes are a policy in milliseconds", () => {
  expect(policyOf(resolveConfig({}, {}))).toEqual({ groupMs: 30_000, repeatMs: 4 * 3_600_000 });
});
