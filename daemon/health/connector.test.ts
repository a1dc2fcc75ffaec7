import { expect, test } from "bun:test";
import { type Connector, connectorFindings, connectorKinds, isHeldByPerson, type Unreachable } from "./connector.ts";

const names = { connectorName: "tidemark", connectUrl: "http://connect:8083" };
const running = { id: 0, state: "RUNNING", error: null };
const failed = { id: 1, state: "FAILED", error: "PSQLException: FATAL" };
const connector: Connector = { state: "RUNNING", tasks: [running], offsetLsn: 1 };

const cases: readonly (readonly [string, Connector | null | Unreachable, string | null, boolean])[] = [
  ["running", connector, null, false],
  ["between two workers", { ...connector, state: "UNASSIGNED", tasks: [] }, null, false],
  ["restarting a task", { ...connector, tasks: [{ ...running, state: "RESTARTING" }] }, null, false],
  ["gone", null, "connector-missing", true],
  ["paused by a person", { ...connector, state: "PAUSED" }, "connector-stopped", false],
  ["stopped by a person", { ...connector, state: "STOPPED", tasks: [] }, "connector-stopped", false],
  [
    "stopped by a person, after a task failed",
    { ...connector, state: "STOPPED", tasks: [failed] },
    "connector-stopped",
    false,
  ],
  ["running, but for a task that failed", { ...connector, tasks: [running, failed] }, "connector-failed", true],
  ["failed itself", { ...connector, state: "FAILED", tasks: [] }, "connector-failed", true],
  ["out of reach", { unreachable: "ECONNREFUSED" }, "connect-unreachable", false],
];

test.each(cases)("a connector that is %s", (_name, found, kind, mended) => {
  const findings = connectorFindings(found, names);
  expect(findings.map((one) => one.kind)).toEqual(kind === null ? [] : [kind]);
  for (const one of findings) {
    expect(one).toMatchObject({ severity: "critical", labels: { connector: "tidemark" } });
    expect(one.remedy).not.toBe("");
    expect(one.action !== undefined).toBe(mended);
    expect([...connectorKinds, "connect-unreachable"]).toContain(one.kind);
  }
});

test("why a task failed is said, however long it is, and how a person lets the connector go on", () => {
  const [why] = connectorFindings({ ...connector, tasks: [running, failed] }, names);
  expect(why?.summary).toBe("connector tidemark failed: PSQLException: FATAL");
  const [long] = connectorFindings({ ...connector, tasks: [{ ...failed, error: "x".repeat(10_000) }] }, names);
  expect(long?.summary.length).toBeLessThan(400);
  const [none] = connectorFindings({ ...connector, state: "FAILED" }, names);
  expect(none?.summary).toContain("no trace");
  const [held] = connectorFindings({ ...connector, state: "PAUSED" }, names);
  expect(held?.remedy).toBe("curl -X PUT http://connect:8083/connectors/tidemark/resume");
});

test.each([
  ["PAUSED", true],
  ["STOPPED", true],
  ["RUNNING", false],
  ["FAILED", false],
  ["UNASSIGNED", false],
])("%s is what a person asked for: %p", (state, held) => {
  expect(isHeldByPerson({ ...connector, state })).toBe(held);
});
