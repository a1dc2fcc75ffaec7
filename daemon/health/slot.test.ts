import { expect, test } from "bun:test";
import type { Connector } from "./connector.ts";
import { jumpedTo, jumpFindings, type Slot, slotFindings, slotKinds } from "./slot.ts";

const MEBIBYTE = 1_048_576;
const slot: Slot = { active: true, walStatus: "reserved", confirmedLsn: 100, retainedBytes: MEBIBYTE };
const connector: Connector = { state: "RUNNING", tasks: [], offsetLsn: 100 };

const cases: readonly (readonly [string, Slot | null, readonly string[]])[] = [
  ["well", slot, []],
  ["keeping just what it may", { ...slot, retainedBytes: 10 * MEBIBYTE }, []],
  ["extended, as under load", { ...slot, walStatus: "extended" }, []],
  ["missing", null, ["slot-missing critical"]],
  ["lost", { ...slot, walStatus: "lost", active: false }, ["slot-lost critical"]],
  ["read by nobody", { ...slot, active: false }, ["slot-inactive critical"]],
  ["keeping too much", { ...slot, retainedBytes: 10 * MEBIBYTE + 1 }, ["slot-retains-wal warning"]],
  [
    "read by nobody and keeping too much",
    { ...slot, active: false, retainedBytes: 11 * MEBIBYTE },
    ["slot-inactive critical", "slot-retains-wal warning"],
  ],
];

test.each(cases)("a slot that is %s", (_name, found, expected) => {
  const findings = slotFindings(found, "tidemark", 10 * MEBIBYTE);
  expect(findings.map(({ kind, severity }) => `${kind} ${severity}`)).toEqual([...expected]);
  for (const { kind, labels, remedy } of findings) {
    expect(slotKinds as readonly string[]).toContain(kind);
    expect(labels).toEqual({ slot: "tidemark" });
    expect(remedy).not.toBe("");
  }
});

test("how much WAL is kept is said, and is no part of the fault's identity", () => {
  const [kept] = slotFindings({ ...slot, retainedBytes: 25 * MEBIBYTE }, "tidemark", 10 * MEBIBYTE);
  expect(kept?.summary).toContain("25 MiB");
  expect(kept?.facts).toEqual({ wal_status: "reserved", retained_bytes: 25 * MEBIBYTE });
});

const jumps: readonly (readonly [string, Slot | null, Connector | null, number | null])[] = [
  ["where Connect is", slot, connector, null],
  ["behind Connect", slot, { ...connector, offsetLsn: 101 }, null],
  ["ahead of Connect", slot, { ...connector, offsetLsn: 99 }, 100],
  ["not there", null, connector, null],
  ["not yet confirmed", { ...slot, confirmedLsn: null }, connector, null],
  ["of a connector that does not exist", slot, null, null],
  ["of a connector that has read nothing", slot, { ...connector, offsetLsn: null }, null],
];

test.each(jumps)("a slot that is %s", (_name, found, reader, jump) => {
  expect(jumpedTo(found, reader)).toBe(jump);
  const kinds = jumpFindings(found, reader, "tidemark").map(({ kind, severity }) => `${kind} ${severity}`);
  expect(kinds).toEqual(jump === null ? [] : ["slot-jumped critical"]);
});
