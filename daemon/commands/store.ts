import type { Config, SettingName } from "../../src/config.ts";
import { connectPostgres, expectPostgres, type Postgres } from "../../src/postgres.ts";

/** Settings of commands that need the watchdog's store alone. */
export const storeSettings: readonly SettingName[] = [
  "postgresHost",
  "postgresPort",
  "postgresDatabase",
  "postgresSslMode",
  "postgresWatchdogPassword",
];

const STATEMENT_TIMEOUT_MS = 30_000;

/** Works on the watchdog's store. @throws UnreachableError where PostgreSQL does not answer */
export async function withStore<Value>(config: Config, work: (sql: Postgres) => Promise<Value>): Promise<Value> {
  const options = { connections: 1, program: "tidemark-watchdog-command", statementTimeoutMs: STATEMENT_TIMEOUT_MS };
  const sql = connectPostgres(config, "watchdog", options);
  try {
    await expectPostgres(sql, config);
    return await work(sql);
  } finally {
    await sql.end({ timeout: 2 });
  }
}
