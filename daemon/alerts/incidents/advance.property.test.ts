import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Finding } from "../../finding.ts";
import { Clock, EVERY_MS, fault, type Message, POLICY } from "../testing/clock.ts";
import { fingerprintOf, type Incident } from "./incident.ts";
import { matches, parseMatchers } from "./matcher.ts";
import { explains, ruleOf } from "./rules.ts";
import type { Silence } from "./silence.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** The longest that an end is waited for, and a look or two. */
const END_MS = 10 * MINUTE + 2 * EVERY_MS;
/** How long it may take until people know: a cause's traces, the slowest rule, the grouping, a few looks. */
const TOLD_MS = 3 * MINUTE;
/** Two for each ending: 8 s, 16 s, ... 600 s, and the 30 s before each firing message, are longer than an hour after 11. */
const MOST_PER_HOUR = 24;

const faults: readonly Finding[] = [
  fault("slot-missing", { slot: "s" }),
  fault("kafka-unreachable", { server: "kafka" }),
  fault("connect-unreachable", { connector: "c" }),
  fault("connector-failed", { connector: "c" }),
  fault("sink-absent", { group: "g" }),
  fault("sink-lag", { group: "g" }),
  fault("latency-high"),
  fault("run-overdue", { run: "recent" }),
  fault("table-unpublished", { table: "a" }),
  fault("divergence", { table: "a" }),
  fault("divergence", { table: "b" }),
  fault("heal-held", { table: "b" }),
];
const kinds = [...new Set(faults.map(({ kind }) => kind))];

type Step = {
  readonly afterMs: number;
  /** Faults that come where they were not, and go where they were. */
  readonly turned: readonly Finding[];
  /** Kinds that the look can not see. */
  readonly hidden: readonly string[];
  readonly twice: boolean;
  readonly killed: boolean;
  readonly restarted: boolean;
  /** The timer that is set for the next message goes off. */
  readonly woken: boolean;
  readonly silence: { readonly matchers: string; readonly forMs: number } | null;
  readonly acknowledged: boolean;
};
type Flap = {
  readonly flapping: Finding;
  readonly on: number;
  /** Infinity: until it is over. */
  readonly off: number;
  readonly times: number;
  readonly everyMs: number;
};

const few = <Value>(values: readonly Value[]) => fc.subarray([...values], { maxLength: 3 });
const anyStep: fc.Arbitrary<Step> = fc.record({
  afterMs: fc.oneof(
    { weight: 6, arbitrary: fc.constant(EVERY_MS) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: MINUTE }) },
    { weight: 1, arbitrary: fc.constantFrom(5 * MINUTE, HOUR, POLICY.repeatMs, 9 * HOUR) },
  ),
  turned: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: few(faults) }),
  hidden: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: few(kinds) }),
  twice: rarely(),
  killed: rarely(),
  restarted: rarely(),
  woken: fc.boolean(),
  silence: fc.option(
    fc.record({
      matchers: fc.constantFrom(
        "kind=divergence,table=a",
        "table=~a|b",
        "kind=~slot-.*",
        "kind!=divergence",
        "server=kafka",
      ),
      forMs: fc.constantFrom(20_000, 5 * MINUTE, 5 * HOUR),
    }),
    { freq: 8 },
  ),
  acknowledged: rarely(),
});
const anyFlap: fc.Arbitrary<Flap> = fc.record({
  flapping: fc.constantFrom(...faults),
  on: fc.integer({ min: 1, max: 4 }),
  off: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(Number.POSITIVE_INFINITY)),
  times: fc.integer({ min: 1, max: 25 }),
  everyMs: fc.integer({ min: 5_000, max: 20_000 }),
});
const anyLife = fc.array(fc.oneof({ weight: 9, arbitrary: anyStep }, { weight: 1, arbitrary: anyFlap }), {
  maxLength: 50,
});

function rarely(): fc.Arbitrary<boolean> {
  return fc.integer({ min: 0, max: 9 }).map((number) => number === 9);
}

/** What really is the case, and the state machine that looks at it. */
class World {
  readonly clock = new Clock();
  private present: readonly Finding[] = [];
  /** Faults that the last look that could see them saw. */
  private readonly known = new Set<string>();

  live(life: readonly (Step | Flap)[]): void {
    for (const one of life) {
      if ("flapping" in one) this.flap(one);
      else this.take(one);
    }
  }

  /** Looks as they come, for so long, while nothing changes. */
  wait(ms: number, hidden: readonly string[] = [], everyMs = EVERY_MS): void {
    for (const end = this.clock.nowMs + ms; this.clock.nowMs < end; ) this.look(everyMs, hidden);
  }

  /** All is well from now on. */
  mend(): void {
    this.present = [];
  }

  /** Faults that a look sees, as incidents. */
  seen(hidden: readonly string[]): readonly (Incident | undefined)[] {
    const seen = this.present.filter(({ kind }) => !hidden.includes(kind)).map(fingerprintOf);
    return seen.map((fingerprint) => this.clock.open.find((incident) => incident.fingerprint === fingerprint));
  }

  private take(step: Step): void {
    const { clock } = this;
    if (step.restarted) {
      clock.restart();
      clock.last = undefined;
    }
    const untilMs = clock.nowMs + step.afterMs;
    const dueAtMs = clock.last?.nextDueAtMs ?? null;
    if (step.woken && dueAtMs !== null && dueAtMs < untilMs) {
      clock.nowMs = dueAtMs;
      expect(this.step([], new Set())).toContain("firing");
    }
    if (step.silence !== null) {
      const matchers = parseMatchers(step.silence.matchers);
      const [startsAtMs, endsAtMs] = [clock.nowMs, clock.nowMs + step.silence.forMs];
      clock.silences = [...clock.silences, { id: 1, author: "", reason: "", matchers, startsAtMs, endsAtMs }];
    }
    if (step.acknowledged) {
      const acknowledged = { atMs: clock.nowMs, by: "ann" };
      clock.open = clock.open.map((incident) => ({ ...incident, acknowledged }));
    }
    const stay = this.present.filter((one) => !step.turned.includes(one));
    this.present = [...stay, ...step.turned.filter((one) => !this.present.includes(one))];
    this.look(untilMs - clock.nowMs, step.hidden, step);
  }

  private flap({ flapping, on, off, times, everyMs }: Flap): void {
    for (let round = 0; round < times; round++) {
      this.present = [...this.present.filter((one) => one !== flapping), flapping];
      for (let at = 0; at < on; at++) this.look(everyMs);
      this.present = this.present.filter((one) => one !== flapping);
      const endMs = this.clock.nowMs + END_MS;
      for (let at = 0; at < off && this.isOpen(flapping); at++) {
        expect(this.clock.nowMs).toBeLessThan(endMs);
        this.look(everyMs);
      }
    }
  }

  private isOpen(finding: Finding): boolean {
    return this.clock.open.some(({ fingerprint }) => fingerprint === fingerprintOf(finding));
  }

  private look(afterMs: number, hidden: readonly string[] = [], { twice = false, killed = false } = {}): void {
    const covers = new Set(kinds.filter((kind) => !hidden.includes(kind)));
    const seen = this.present.filter(({ kind }) => covers.has(kind));
    const findings = twice ? [...seen, ...seen] : seen;
    this.clock.pass(afterMs);
    if (!killed) {
      this.step(findings, covers);
      return;
    }
    this.clock.consider({ covers, findings });
    this.clock.last = undefined;
  }

  /** A look, and whether each incident may be in the message that it is in. Returns the messages' events. */
  private step(findings: readonly Finding[], covers: ReadonlySet<string>): readonly string[] {
    const { clock } = this;
    clock.step({ covers, findings });
    for (const finding of faults.filter(({ kind }) => covers.has(kind))) this.known.delete(fingerprintOf(finding));
    for (const finding of findings) this.known.add(fingerprintOf(finding));
    const due = clock.last?.due ?? [];
    for (const { event, incidents } of due) {
      for (const incident of incidents) {
        const { fingerprint, kind, state } = incident;
        if (event === "resolved") {
          expect([state, this.known.has(fingerprint)]).toEqual(["resolved", false]);
          continue;
        }
        expect(state).toBe("firing");
        expect(clock.silences.filter((one) => holds(one, incident, clock.nowMs))).toEqual([]);
        expect(findings.filter((finding) => explains(finding, incident))).toEqual([]);
        if (event === "repeat") expect(incident.acknowledged).toBeNull();
        if (event === "repeat" || !ruleOf(kind).always) expect(this.known.has(fingerprint)).toBe(true);
      }
    }
    return due.map(({ event }) => event);
  }
}

function holds({ startsAtMs, endsAtMs, matchers }: Silence, incident: Incident, nowMs: number): boolean {
  return startsAtMs <= nowMs && nowMs < endsAtMs && matches(matchers, incident);
}

/** What people were told of each fault, in order. */
function toldOf(messages: readonly Message[]): ReadonlyMap<string, readonly Pick<Message, "event" | "atMs">[]> {
  const all = messages.flatMap(({ incidents, event, atMs }) =>
    incidents.map(({ fingerprint }) => ({ fingerprint, event, atMs })),
  );
  return Map.groupBy(all, ({ fingerprint }) => fingerprint);
}

test("over any life: an end follows what fired, and nothing else; repeats keep their distance; what flaps is damped", () => {
  check((world, life) => {
    world.live(life);
    world.mend();
    world.wait(END_MS);
    expect(world.clock.open).toEqual([]);
    for (const told of toldOf(world.clock.messages).values()) {
      expect(told.at(-1)?.event).toBe("resolved");
      for (const [at, { event, atMs }] of told.entries()) {
        const before = told[at - 1];
        expect([at, event, before?.event ?? "resolved"]).toEqual([
          at,
          event,
          event === "firing" ? "resolved" : expect.stringMatching(/^(firing|repeat)$/),
        ]);
        if (event === "repeat") expect(atMs - (before?.atMs ?? 0)).toBeGreaterThanOrEqual(POLICY.repeatMs);
        const hour = told.slice(at).filter((one) => one.atMs < atMs + HOUR);
        expect(hour.length).toBeLessThanOrEqual(MOST_PER_HOUR);
      }
    }
  });
}, 60_000);

test("over any life: a thread begins by firing, tells of the same incidents to the end of each, and of no other thread's", () => {
  check((world, life) => {
    world.live(life);
    const threadOf = new Map<number | null, string>();
    for (const [thread, messages] of Map.groupBy(world.clock.messages, (message) => message.thread)) {
      const left = new Set<number | null>();
      for (const [at, { event, incidents }] of messages.entries()) {
        expect(event === "firing").toBe(at === 0);
        for (const { id } of incidents) {
          if (event === "firing") {
            expect(threadOf.get(id)).toBeUndefined();
            threadOf.set(id, thread);
            left.add(id);
          }
          expect(left.has(id)).toBe(true);
          if (event === "resolved") left.delete(id);
        }
      }
    }
  });
}, 60_000);

test("over any life: what then lasts and can be seen is told within minutes, itself or as a consequence, and repeated", () => {
  check((world, life, hidden) => {
    world.live(life);
    world.clock.silences = [];
    world.wait(TOLD_MS, hidden);
    const { clock } = world;
    for (const incident of world.seen(hidden)) {
      expect(incident?.state).toBe("firing");
      const told =
        incident?.mutedBy == null ? incident : clock.open.find((one) => one.fingerprint === incident.mutedBy);
      expect(told?.toldAtMs).toBeNumber();
    }
    world.wait(2 * POLICY.repeatMs, hidden, 5 * MINUTE);
    for (const incident of world.seen(hidden)) {
      if (incident?.mutedBy !== null || incident.acknowledged !== null) continue;
      expect(clock.nowMs - (incident.toldAtMs ?? 0)).toBeLessThanOrEqual(POLICY.repeatMs + 5 * MINUTE);
    }
  });
}, 60_000);

function check(holdsFor: (world: World, life: readonly (Step | Flap)[], hidden: readonly string[]) => void): void {
  fc.assert(
    fc.property(anyLife, few(kinds), (life, hidden) => holdsFor(new World(), life, hidden)),
    { numRuns: 200, interruptAfterTimeLimit: 20_000 },
  );
}
