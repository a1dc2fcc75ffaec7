import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../config.ts";
import { OperationError } from "../errors.ts";
import type { Log } from "../log.ts";
import { connectPostgres, expectPostgres, type Postgres } from "../postgres.ts";
import { setRolePasswords } from "./roles.ts";

const migrationsDir = join(import.meta.dir, "../../sql");
/** Any constant will do, as long as no other program locks it: "tide" in ASCII. */
const migrationLock = 0x74696465;

/**
 * Creates the database where it is missing, runs the numbered files of `sql/` that it has not seen, each once and in
 * a transaction of its own, and sets the roles' passwords. Concurrent calls wait for one another.
 * @returns the names of the files that ran
 * @throws OperationError where a file fails, or a file that ran is no longer there
 */
export async function runMigrations(config: Config, log: Log): Promise<readonly string[]> {
  await createDatabase(config, log);
  const sql = connectPostgres(config, "admin", { connections: 1, program: "tidemark-setup" });
  try {
    await expectPostgres(sql, config);
    await sql`SELECT pg_advisory_lock(${migrationLock})`;
    const ran = await runMissing(sql, log);
    await setRolePasswords(sql, config);
    log.info(ran.length === 0 ? "migrations: nothing to run" : `migrations: ran ${ran.join(", ")}`);
    return ran;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function createDatabase(config: Config, log: Log): Promise<void> {
  const sql = connectPostgres(config, "admin", { database: "postgres", connections: 1, program: "tidemark-setup" });
  try {
    await expectPostgres(sql, { ...config, postgresDatabase: "postgres" });
    const found = await sql`SELECT FROM pg_database WHERE datname = ${config.postgresDatabase}`;
    if (found.length > 0) return;
    await sql`CREATE DATABASE ${sql(config.postgresDatabase)} ENCODING 'UTF8' TEMPLATE template0`.catch(
      ignoreDuplicate,
    );
    log.info(`created the database ${config.postgresDatabase}`);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Two first runs at once: the slower one finds the database made. */
function ignoreDuplicate(error: { code?: string }): void {
  if (error.code !== "42P04" && error.code !== "23505") throw error;
}

/** The numbered files of `sql/`, in order. */
export function migrationFiles(): readonly string[] {
  return readdirSync(migrationsDir)
    .filter((name) => /^\d{4}_\w+\.sql$/.test(name))
    .sort();
}

async function runMissing(sql: Postgres, log: Log): Promise<string[]> {
  await sql`CREATE SCHEMA IF NOT EXISTS tidemark`;
  await sql`
    CREATE TABLE IF NOT EXISTS tidemark.migrations (
      name text PRIMARY KEY,
      ran_at timestamptz NOT NULL DEFAULT now()
    )`;
  const files = migrationFiles();
  const before = new Set((await sql<{ name: string }[]>`SELECT name FROM tidemark.migrations`).map((row) => row.name));
  const unknown = [...before].filter((name) => !files.includes(name));
  if (unknown.length > 0) {
    throw new OperationError(
      `the database has had migrations that this version does not know: ${unknown.join(", ")}; use the newer version`,
    );
  }
  const missing = files.filter((name) => !before.has(name));
  for (const name of missing) {
    log.debug(`migration ${name}`);
    await runFile(sql, name);
  }
  return missing;
}

async function runFile(sql: Postgres, name: string): Promise<void> {
  try {
    await sql.begin(async (transaction) => {
      await transaction.unsafe(readFileSync(join(migrationsDir, name), "utf8"));
      await transaction`INSERT INTO tidemark.migrations (name) VALUES (${name})`;
    });
  } catch (error) {
    throw new OperationError(`migration ${name} failed and was rolled back`, { cause: error });
  }
}
