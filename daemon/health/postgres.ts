import type { Config } from "../../src/config.ts";
import type { Finding } from "../finding.ts";

export const POSTGRES_UNREACHABLE = "postgres-unreachable";

/** PostgreSQL does not answer, or does not let the watchdog in; pure. */
export function postgresFinding({ postgresHost, postgresPort, postgresDatabase }: Config, reason: string): Finding {
  return {
    kind: POSTGRES_UNREACHABLE,
    severity: "critical",
    labels: { server: "postgres" },
    summary: `PostgreSQL at ${postgresHost}:${postgresPort} does not answer: nothing enters, and nothing can be compared`,
    facts: { database: postgresDatabase, reason },
    remedy: "bun run stack status",
    action: "waits, and catches up what was not compared",
  };
}
