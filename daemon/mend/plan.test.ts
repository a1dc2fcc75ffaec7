import { expect, test } from "bun:test";
import type { Connector } from "../health/connector.ts";
import type { Observation } from "../health/observe.ts";
import type { Slot } from "../health/slot.ts";
import { planMend, type Step } from "./plan.ts";

const slot: Slot = { active: true, walStatus: "reserved", confirmedLsn: 100, retainedBytes: 0 };
const connector: Connector = { state: "RUNNING", tasks: [{ id: 0, state: "RUNNING", error: null }], offsetLsn: 100 };
const failed: Connector = { ...connector, tasks: [{ id: 0, state: "FAILED", error: "x" }] };
const well: Observation = { slot, connector, unpublished: [], mending: false };

const cases: readonly (readonly [string, Partial<Observation>, readonly Step["kind"][]])[] = [
  ["all is well", {}, []],
  ["the slot is missing", { slot: null }, ["reset-slot"]],
  ["the slot is lost", { slot: { ...slot, walStatus: "lost" } }, ["reset-slot"]],
  ["the slot is missing and the task failed", { slot: null, connector: failed }, ["reset-slot"]],
  ["the connector is gone", { connector: null }, ["register"]],
  ["both are gone", { slot: null, connector: null }, ["reset-slot"]],
  ["a task failed", { connector: failed }, ["restart"]],
  ["the connector itself failed", { connector: { ...connector, state: "FAILED" } }, ["restart"]],
  ["a task failed because the slot jumped ahead", { connector: { ...failed, offsetLsn: 99 } }, ["reset-slot"]],
  ["a person stopped the connector", { slot: null, connector: { ...connector, state: "STOPPED" } }, []],
  ["a person paused the connector", { connector: { ...connector, state: "PAUSED" } }, []],
  [
    "we stopped the connector, and were killed",
    { connector: { ...connector, state: "STOPPED" }, mending: true },
    ["reset-slot"],
  ],
  ["Connect does not answer", { slot: null, connector: { unreachable: "x" } }, []],
  ["a table is not published", { unpublished: [{ table: "clicks", exists: true }] }, ["publish"]],
  ["a table is gone", { unpublished: [{ table: "clicks", exists: false }] }, []],
];

test.each(cases)("%s", (_name, change, steps) => {
  expect(planMend({ ...well, ...change }).map((step) => step.kind)).toEqual([...steps]);
});
