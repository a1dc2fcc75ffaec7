import { expect, test } from "bun:test";
import { explains, ruleOf } from "./rules.ts";

type Fault = readonly [kind: string, labels?: Readonly<Record<string, string>>];

const cases: readonly (readonly [cause: Fault, other: Fault, explained: boolean])[] = [
  [["kafka-unreachable"], ["sink-lag", { group: "g" }], true],
  [["kafka-unreachable", { server: "kafka" }], ["connector-missing", { connector: "c" }], true],
  [["sink-lag", { group: "g" }], ["kafka-unreachable"], false],
  [["kafka-unreachable"], ["kafka-unreachable"], false],
  [["elasticsearch-unreachable"], ["divergence", { table: "clicks" }], true],
  [["elasticsearch-unreachable"], ["slot-missing", { slot: "s" }], false],
  [["elasticsearch-unreachable"], ["channel-failing", { channel: "email" }], false],
  [["postgres-unreachable"], ["run-overdue", { run: "recent" }], true],
  [["slot-missing", { slot: "s" }], ["slot-inactive", { slot: "s" }], true],
  [["slot-missing", { slot: "s" }], ["slot-inactive", { slot: "other" }], false],
  [["slot-missing", { slot: "s" }], ["divergence", { table: "clicks" }], true],
  [["table-unpublished", { table: "clicks" }], ["divergence", { table: "clicks" }], true],
  [["table-unpublished", { table: "clicks" }], ["divergence", { table: "orders" }], false],
  [["dead-letters", { table: "clicks" }], ["divergence", { table: "orders" }], false],
  [["heal-held", { table: "clicks" }], ["divergence", { table: "clicks" }], true],
  [["something-new"], ["divergence", { table: "clicks" }], false],
];

test.each(cases)("%j explains %j: %p", ([kind, labels = {}], [otherKind, otherLabels = {}], explained) => {
  expect(explains({ kind, labels }, { kind: otherKind, labels: otherLabels })).toBe(explained);
});

const kinds = [
  ...["postgres-unreachable", "kafka-unreachable", "connect-unreachable", "elasticsearch-unreachable"],
  ...["elasticsearch-red", "elasticsearch-read-only", "slot-missing", "slot-lost", "slot-jumped", "slot-inactive"],
  ...["slot-retains-wal", "table-unpublished", "table-missing", "connector-missing", "connector-stopped"],
  ...["connector-failed", "sink-absent", "sink-lag", "dead-letters", "latency-high", "run-overdue", "events-stale"],
  ...["divergence", "heal-held", "heal-fails", "channel-failing"],
];

test("no kind of fault explains itself by way of others: two of them would hide each other", () => {
  const behind = (kind: string) => kinds.filter((other) => explains({ kind, labels: {} }, { kind: other, labels: {} }));
  for (const kind of kinds) {
    const reached = new Set(behind(kind));
    for (const other of reached) for (const further of behind(other)) reached.add(further);
    expect([kind, reached.has(kind)]).toEqual([kind, false]);
  }
});

test("that a channel fails is never hidden, nor hides anything", () => {
  const channel = { kind: "channel-failing", labels: {} };
  for (const kind of kinds) {
    expect(explains({ kind, labels: {} }, channel)).toBe(false);
    expect(explains(channel, { kind, labels: {} })).toBe(false);
  }
});

test("what one look proves needs no second; a server must be away for longer than a restart; lag for longer still", () => {
  expect(ruleOf("slot-missing")).toEqual({ sightings: 1, forMs: 0, always: true });
  expect(ruleOf("kafka-unreachable")).toEqual({ sightings: 2, forMs: 8_000, always: false });
  expect(ruleOf("sink-lag")).toEqual({ sightings: 2, forMs: 25_000, always: false });
  expect(ruleOf("something-new")).toEqual(ruleOf("kafka-unreachable"));
});
