import { expect, test } from "bun:test";
import { resolveConfig } from "../../src/config.ts";
import { postgresFinding } from "./postgres.ts";

test("a PostgreSQL that does not answer is named with its address and the reason, and never its password", () => {
  const config = { ...resolveConfig({}, {}), postgresHost: "db", postgresPort: 7, postgresWatchdogPassword: "hunter2" };
  const finding = postgresFinding(config, "ECONNREFUSED");
  expect(finding).toMatchObject({
    ...{ kind: "postgres-unreachable", severity: "critical", labels: { server: "postgres" } },
    facts: { database: "tidemark", reason: "ECONNREFUSED" },
  });
  expect(finding.summary).toContain("db:7");
  expect(JSON.stringify(finding)).not.toContain("hunter2");
});
