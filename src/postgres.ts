import postgres from "postgres";
import type { Config } from "./config.ts";
import { UnreachableError } from "./errors.ts";

export type Postgres = postgres.Sql;
export type PostgresRole = "admin" | "writer" | "watchdog" | "replication";

const SECOND = 1;

/**
 * A connection pool for one of Tidemark's roles. Nothing is connected until the first query.
 * `numeric`, `int8`, dates and times come back as PostgreSQL's own text, so that no digit is lost.
 */
export function connectPostgres(
  config: Config,
  role: PostgresRole,
  options: { database?: string; connections?: number; program?: string; statementTimeoutMs?: number } = {},
): Postgres {
  const { user, password } = credentials(config, role);
  return postgres({
    host: config.postgresHost,
    port: config.postgresPort,
    database: options.database ?? config.postgresDatabase,
    user,
    password,
    ssl: config.postgresSslMode === "disable" ? false : config.postgresSslMode,
    max: options.connections ?? 4,
    connect_timeout: 10 * SECOND,
    idle_timeout: 60 * SECOND,
    onnotice: () => {},
    types: { asText },
    connection: {
      application_name: options.program ?? "tidemark",
      TimeZone: "UTC",
      DateStyle: "ISO, YMD",
      IntervalStyle: "postgres",
      extra_float_digits: 1,
      bytea_output: "hex",
      ...(options.statementTimeoutMs === undefined ? {} : { statement_timeout: options.statementTimeoutMs }),
    },
  });
}

/** json, date, timestamp, timestamptz, jsonb: the driver would make objects of them. */
const asText = {
  to: 25,
  from: [114, 1082, 1114, 1184, 3802],
  serialize: (value: unknown) => String(value),
  parse: (value: string) => value,
};

function credentials(config: Config, role: PostgresRole): { user: string; password: string } {
  switch (role) {
    case "admin":
      return { user: config.postgresAdminUser, password: config.postgresAdminPassword };
    case "writer":
      return { user: "tidemark_writer", password: config.postgresWriterPassword };
    case "watchdog":
      return { user: "tidemark_watchdog", password: config.postgresWatchdogPassword };
    case "replication":
      return { user: "tidemark_replication", password: config.postgresReplicationPassword };
  }
}

/** Asks for one row. @throws UnreachableError that names the address, what came, and what to check */
export async function expectPostgres(sql: Postgres, config: Config): Promise<void> {
  try {
    await sql`SELECT 1`;
  } catch (error) {
    throw new UnreachableError(
      `PostgreSQL at ${config.postgresHost}:${config.postgresPort}, database ${config.postgresDatabase}, did not answer; ` +
        "is it up (bun run stack status), and has bun run setup been run?",
      { cause: error },
    );
  }
}
