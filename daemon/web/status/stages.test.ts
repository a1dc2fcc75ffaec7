import { expect, test } from "bun:test";
import { type Absences, type Flow, stageOf, stagesOf } from "./stages.ts";
import type { OpenIncident } from "./truth.ts";

const rates = { csv: 4, postgres: 4, debezium: 4, kafka: 4, sink: 4, elasticsearch: null };
const flow: Flow = { rates, slotBytes: 512, sinkMessages: 0, refreshMs: null };
const present: Absences = { postgres: null, kafka: null, elasticsearch: null };
const away = { sinceMs: 0, reason: "ECONNREFUSED" };

function incident(kind: string, differs: Partial<OpenIncident> = {}): OpenIncident {
  return { kind, severity: "critical", state: "firing", summary: `${kind}!`, muted: false, facts: {}, ...differs };
}

function healthOf(name: string, incidents: readonly OpenIncident[], absences = present) {
  const stage = stagesOf(flow, incidents, absences).find((one) => one.name === name);
  return stage && [stage.health, stage.reason];
}

test("every stage of a pipeline that is well is well, with its rate and what is known of its lag", () => {
  const stages = stagesOf(flow, [], present);
  expect<unknown>(stages.map(({ name, health }) => [name, health])).toEqual(
    ["csv", "postgres", "debezium", "kafka", "sink", "elasticsearch"].map((name) => [name, "well"]),
  );
  expect(stages.map(({ lag }) => lag)).toEqual([
    null,
    null,
    { count: 512, unit: "bytes" },
    null,
    { count: 0, unit: "messages" },
    null,
  ]);
});

test("an incident is shown at its stage; divergences are at none", () => {
  const kinds: [kind: string, stage: string | null][] = [
    ["events-stale", "csv"],
    ["postgres-unreachable", "postgres"],
    ["slot-missing", "debezium"],
    ["connector-failed", "debezium"],
    ["connect-unreachable", "debezium"],
    ["table-unpublished", "debezium"],
    ["table-missing", "postgres"],
    ["kafka-unreachable", "kafka"],
    ["sink-lag", "sink"],
    ["dead-letters", "sink"],
    ["elasticsearch-red", "elasticsearch"],
    ["divergence", null],
  ];
  for (const [kind, stage] of kinds) expect<string | null>(stageOf({ kind, facts: {} })).toBe(stage);
  expect<string | null>(stageOf({ kind: "latency-high", facts: { stage: "slot" } })).toBe("debezium");
  expect(stageOf({ kind: "latency-high", facts: {} })).toBeNull();
});

test("a stage shows its worst; what is pending, or a consequence of something else, only warns", () => {
  const [lag, absent] = [incident("sink-lag", { severity: "warning" }), incident("sink-absent")];
  expect(healthOf("sink", [lag, absent])).toEqual(["critical", "sink-absent!"]);
  expect(healthOf("sink", [lag])).toEqual(["warning", "sink-lag!"]);
  expect(healthOf("sink", [{ ...absent, state: "pending" }])).toEqual(["warning", "sink-absent!"]);
  expect(healthOf("sink", [{ ...absent, muted: true }])).toEqual(["warning", "sink-absent!"]);
});

test("a server that does not answer the page is a warning there, and what depends on it is not known", () => {
  expect(healthOf("kafka", [], { ...present, kafka: away })).toEqual(["warning", "it does not answer: ECONNREFUSED"]);
  expect(healthOf("sink", [], { ...present, kafka: away })).toEqual(["unknown", "Kafka does not answer"]);
  expect(healthOf("csv", [], { ...present, postgres: away })).toEqual(["unknown", "PostgreSQL does not answer"]);
  expect(healthOf("elasticsearch", [], { ...present, postgres: away })).toEqual(["well", null]);
});
