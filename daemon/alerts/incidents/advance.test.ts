import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Finding } from "../../finding.ts";
import { type Advance, advance, CAUSE_LINGERS_MS, type Due, type Look, unknownFindings } from "./advance.ts";
import { fingerprintOf, type Incident, viewOf } from "./incident.ts";
import { parseMatcher } from "./matcher.ts";
import type { Silence } from "./silence.ts";

const POLICY = { groupMs: 30_000, repeatMs: 4 * 3_600_000 };
const EVERY_MS = 15_000;

function fault(kind: string, labels: Record<string, string> = {}): Finding {
  return { kind, severity: "critical", labels, summary: `${kind} is here`, facts: {}, remedy: "mend it" };
}

/** The store and the clock around the pure state machine. */
class Clock {
  nowMs = 1_000_000;
  open: readonly Incident[] = [];
  silences: Silence[] = [];
  readonly messages: (Due & { readonly atMs: number })[] = [];
  private ended: readonly Incident[] = [];
  private lastId = 0;
  last: Advance | undefined;

  look(...findings: readonly Finding[]): readonly string[] {
    return this.step({ covers: { has: () => true } as unknown as ReadonlySet<string>, findings });
  }

  step(look: Look): readonly string[] {
    const ids = unknownFindings(this.open, look).map(() => ++this.lastId);
    const endings = new Map<string, number>();
    for (const { fingerprint, resolvedAtMs, toldAtMs } of this.ended) {
      if (toldAtMs === null || (resolvedAtMs ?? 0) < this.nowMs - 3_600_000) continue;
      endings.set(fingerprint, (endings.get(fingerprint) ?? 0) + 1);
    }
    const ended = this.ended.filter((one) => (one.resolvedAtMs ?? 0) >= this.nowMs - CAUSE_LINGERS_MS);
    this.last = advance(this.open, look, { silences: this.silences, endings, ended }, ids, this.nowMs, POLICY);
    this.open = this.last.incidents.filter(({ state }) => state !== "resolved");
    this.ended = [...this.ended, ...this.last.incidents.filter(({ state }) => state === "resolved")];
    this.messages.push(...this.last.due.map((due) => ({ ...due, atMs: this.nowMs })));
    return this.last.due.map((due) => `${due.event} ${due.incidents.map((one) => one.kind).join(" ")}`);
  }

  pass(ms = EVERY_MS): this {
    this.nowMs += ms;
    return this;
  }
}

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

test("over any looks: never two firing messages without an end or a repeat interval between; always an end once all is well", () => {
  const kinds = ["slot-missing", "kafka-unreachable", "sink-lag", "run-overdue", "divergence", "connector-failed"];
  const step = fc.record({
    ms: fc.constantFrom(1_000, 15_000, 15_000, 15_000, 120_000, 5_000_000),
    found: fc.subarray(kinds),
    covers: fc.oneof({ weight: 3, arbitrary: fc.constant(kinds) }, { weight: 1, arbitrary: fc.subarray(kinds) }),
    silenced: fc.option(fc.constantFrom(...kinds), { freq: 6 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const clock = new Clock();
      for (const { ms, found, covers, silenced } of steps) {
        clock.pass(ms);
        const matchers = silenced === null ? [] : [parseMatcher(`kind=${silenced}`)];
        const until = clock.nowMs + 60_000;
        if (silenced !== null) {
          clock.silences.push({ id: 0, matchers, author: "", reason: "", startsAtMs: 0, endsAtMs: until });
        }
        clock.step({
          covers: new Set([...covers, ...found]),
          findings: found.map((kind) => fault(kind)),
        });
      }
      // Once things are well, for as long as the longest damping.
      for (let at = 0; at < 60; at++) clock.pass().look();
      expect(clock.open).toEqual([]);
      for (const kind of kinds) {
        const fingerprint = fingerprintOf(fault(kind));
        const told = clock.messages.flatMap(({ event, atMs, incidents }) =>
          incidents.some((one) => one.fingerprint === fingerprint) ? [{ event, atMs }] : [],
        );
        for (const [at, { event, atMs }] of told.entries()) {
          const before = told[at - 1];
          if (event === "firing") expect(before?.event ?? "resolved").toBe("resolved");
          else expect(before?.event).not.toBe("resolved");
          if (event === "repeat") expect(atMs - (before?.atMs ?? 0)).toBeGreaterThanOrEqual(POLICY.repeatMs);
        }
        expect(told.at(-1)?.event ?? "resolved").toBe("resolved");
      }
    }),
    { numRuns: 500, interruptAfterTimeLimit: 20_000, markInterruptAsFailure: true },
  );
}, 40_000);
