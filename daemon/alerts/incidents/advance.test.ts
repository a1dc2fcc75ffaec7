import { expect, test } from "bun:test";
import { Clock, fault } from "../testing/clock.ts";
import { viewOf } from "./incident.ts";
import { parseMatcher } from "./matcher.ts";

test("what one look proves is told 30 s after it was seen, once, and its end once", () => {
  const clock = new Clock();
  const fell = fault("slot-missing", { slot: "s" });
  expect(clock.look(fell)).toEqual([]);
  expect(clock.last?.nextDueAtMs).toBe(clock.nowMs + 30_000);
  expect(clock.pass().look(fell)).toEqual([]);
  expect(clock.pass().look(fell)).toEqual(["firing slot-missing"]);
  expect(clock.pass().look(fell)).toEqual([]);
  expect(clock.pass().look()).toEqual([]);
  expect(clock.pass().look()).toEqual(["resolved slot-missing"]);
  expect(clock.pass().look()).toEqual([]);
  expect(clock.open).toEqual([]);
});

test("what happened and was mended before its message was due is told all the same, first as firing", () => {
  const clock = new Clock();
  clock.look(fault("slot-missing"));
  expect(clock.pass().look()).toEqual([]);
  expect(clock.pass().look()).toEqual(["firing slot-missing"]);
  expect(clock.pass().look()).toEqual(["resolved slot-missing"]);
});

test("a condition that passes before its message is due is told to nobody", () => {
  const clock = new Clock();
  clock.look(fault("kafka-unreachable"));
  clock.pass().look(fault("kafka-unreachable"));
  expect(clock.open[0]?.state).toBe("firing");
  for (let at = 0; at < 5; at++) clock.pass().look();
  expect(clock.messages).toEqual([]);
  expect(clock.open).toEqual([]);
});

test("a look that could not see a kind neither ends nor prolongs it", () => {
  const clock = new Clock();
  const down = fault("elasticsearch-unreachable");
  for (let at = 0; at < 4; at++) clock.look(down) && clock.pass();
  expect(clock.messages).toHaveLength(1);
  for (let at = 0; at < 20; at++) clock.pass().step({ covers: new Set(["slot-missing"]), findings: [] });
  expect(clock.open[0]).toMatchObject({ state: "firing", wellSinceMs: null, sightings: 4 });
});

test("consequences are named in the cause's message, and get none; not even while the cause's traces linger", () => {
  const clock = new Clock();
  const cause = fault("kafka-unreachable");
  const lag = fault("sink-lag");
  const late = fault("run-overdue");
  for (let at = 0; at < 6; at++) clock.pass().look(lag, late, cause);
  const [message, ...others] = clock.messages;
  expect(others).toEqual([]);
  const [told] = message?.incidents ?? [];
  expect(told && viewOf(told, clock.open).consequences).toEqual(["sink-lag is here", "run-overdue is here"]);
  for (let at = 0; at < 4; at++) clock.pass().look(late);
  expect(clock.messages.map(({ event }) => event)).toEqual(["firing", "resolved"]);
  for (let at = 0; at < 6; at++) clock.pass().look(late);
  expect(clock.messages.at(-1)).toMatchObject({ event: "firing", incidents: [{ kind: "run-overdue" }] });
});

test("a fault of another table is no consequence", () => {
  const clock = new Clock();
  for (let at = 0; at < 4; at++) {
    clock.pass().look(fault("table-unpublished", { table: "a" }), fault("divergence", { table: "b" }));
  }
  expect(clock.messages[0]?.incidents.map((one) => one.kind)).toEqual(["table-unpublished", "divergence"]);
});

test("faults that come within 30 s are one message, and one thread", () => {
  const clock = new Clock();
  clock.look(fault("slot-missing"));
  clock.pass().look(fault("slot-missing"), fault("table-missing", { table: "clicks" }));
  expect(clock.pass().look(fault("slot-missing"), fault("table-missing", { table: "clicks" }))).toEqual([
    "firing slot-missing table-missing",
  ]);
  clock.pass().look(fault("slot-missing"));
  expect(clock.pass().look(fault("slot-missing"))).toEqual(["resolved table-missing"]);
  clock.pass().look();
  expect(clock.pass().look()).toEqual(["resolved slot-missing"]);
  expect(new Set(clock.messages.map(({ thread }) => thread)).size).toBe(1);
});

test("what lasts is repeated every 4 hours, unless a person has acknowledged it", () => {
  const clock = new Clock();
  const fell = fault("sink-absent");
  for (; clock.nowMs < 1_000_000 + 9 * 3_600_000; clock.pass()) clock.look(fell);
  expect(clock.messages.map(({ event }) => event)).toEqual(["firing", "repeat", "repeat"]);
  clock.open = clock.open.map((one) => ({ ...one, acknowledged: { atMs: clock.nowMs, by: "ann" } }));
  for (const end = clock.nowMs + 9 * 3_600_000; clock.nowMs < end; clock.pass()) clock.look(fell);
  expect(clock.messages).toHaveLength(3);
  clock.look();
  expect(clock.pass().look()).toEqual(["resolved sink-absent"]);
});

test("a silence holds the firing message back until it ends, and the resolved one never", () => {
  const clock = new Clock();
  const fell = fault("divergence", { table: "clicks" });
  const silence = { id: 1, author: "ann", reason: "migration", startsAtMs: 0, endsAtMs: clock.nowMs + 3_600_000 };
  clock.silences = [{ ...silence, matchers: [parseMatcher("table=clicks")] }];
  for (; clock.nowMs < silence.endsAtMs; clock.pass()) expect(clock.look(fell)).toEqual([]);
  expect(clock.look(fell)).toEqual(["firing divergence"]);
  clock.silences = [{ ...silence, endsAtMs: clock.nowMs + 3_600_000, matchers: [parseMatcher("kind=~div.*")] }];
  clock.pass().look();
  expect(clock.pass().look()).toEqual(["resolved divergence"]);
});

test("what flaps is told less and less", () => {
  const clock = new Clock();
  for (let round = 0; round < 30; round++) {
    for (let at = 0; at < 4; at++) clock.pass().look(fault("connect-unreachable"));
    for (let at = 0; at < 4; at++) clock.pass().look();
  }
  const hour = clock.messages.filter(({ atMs }) => atMs < 1_000_000 + 3_600_000);
  expect(hour.length).toBeLessThanOrEqual(8);
});

test("a fault that is found twice in one look is one incident", () => {
  const clock = new Clock();
  clock.look(fault("divergence", { table: "clicks" }), fault("divergence", { table: "clicks" }));
  expect(clock.open.map(({ kind }) => kind)).toEqual(["divergence"]);
});

test("a cause that was seen once, and that nothing can look at any more, hides its consequences for a minute", () => {
  const clock = new Clock();
  clock.look(fault("sink-absent"));
  const late = { covers: new Set(["run-overdue"]), findings: [fault("run-overdue")] };
  for (let at = 0; at < 4; at++) expect(clock.pass().step(late)).toEqual([]);
  expect(clock.pass().step(late)).toEqual(["firing run-overdue"]);
});

test("a cause whose end is held back, since it flaps, hides what is left for a minute", () => {
  const clock = new Clock();
  for (let round = 0; round < 8; round++) {
    for (let at = 0; at < 4; at++) clock.pass().look(fault("kafka-unreachable"));
    while (clock.open.length > 0) clock.pass().look();
  }
  for (let at = 0; at < 4; at++) clock.pass().look(fault("kafka-unreachable"), fault("run-overdue"));
  for (let at = 0; at < 5; at++) clock.pass().look(fault("run-overdue"));
  expect(clock.open[0]).toMatchObject({ kind: "kafka-unreachable", state: "firing" });
  expect(clock.pass().look(fault("run-overdue"))).toEqual(["firing run-overdue"]);
});

test("what is over, and waits for its end to be told, is not repeated", () => {
  const clock = new Clock();
  for (let at = 0; at < 4; at++) clock.pass().look(fault("sink-absent"));
  expect(clock.pass(4 * 3_600_000).look()).toEqual([]);
  expect(clock.pass().look()).toEqual(["resolved sink-absent"]);
});
