import { expect, test } from "bun:test";
import { resolveConfig } from "../../src/config.ts";
import { lookOf, type Observation } from "./observe.ts";

const config = resolveConfig({}, {});
const well: Observation = {
  slot: { active: true, walStatus: "reserved", confirmedLsn: 100, retainedBytes: 0 },
  connector: { state: "RUNNING", tasks: [{ id: 0, state: "RUNNING", error: null }], offsetLsn: 100 },
  unpublished: [],
  mending: false,
};

test("what is well is seen to be well, and PostgreSQL with it, since it answered", () => {
  const { covers, findings } = lookOf(well, config);
  expect(findings).toEqual([]);
  for (const kind of ["postgres-unreachable", "slot-missing", "slot-jumped", "table-missing", "connector-failed"]) {
    expect(covers.has(kind)).toBe(true);
  }
});

test("without Connect nothing is said of its connector, nor whether the slot jumped", () => {
  const jumped = { ...well.slot, confirmedLsn: 900 } as Observation["slot"];
  const { covers, findings } = lookOf({ ...well, slot: jumped, connector: { unreachable: "x" } }, config);
  expect(findings.map(({ kind }) => kind)).toEqual(["connect-unreachable"]);
  for (const kind of ["connector-missing", "connector-stopped", "connector-failed", "slot-jumped"]) {
    expect(covers.has(kind)).toBe(false);
  }
  expect(covers.has("slot-missing")).toBe(true);
});

test("all that is wrong at once is found, and every kind of it is one that the look covers", () => {
  const ill: Observation = {
    ...well,
    slot: { active: false, walStatus: "reserved", confirmedLsn: 900, retainedBytes: 2_000 * 1_048_576 },
    connector: { state: "FAILED", tasks: [], offsetLsn: 100 },
    unpublished: [{ table: "clicks", exists: true }],
  };
  const { covers, findings } = lookOf(ill, config);
  const kinds = findings.map(({ kind }) => kind);
  expect(kinds).toEqual(["slot-inactive", "slot-retains-wal", "slot-jumped", "table-unpublished", "connector-failed"]);
  expect(kinds.filter((kind) => !covers.has(kind))).toEqual([]);
});
