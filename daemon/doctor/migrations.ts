import type { Postgres } from "../../src/postgres.ts";
import { migrationFiles } from "../../src/setup/migrations.ts";
import { about, type Check } from "./check.ts";

export type Migrations = {
  /** The numbered files of `sql/`. */
  readonly known: readonly string[];
  /** Those that the database has had. */
  readonly ran: readonly string[];
};

/** Null where the role may not read which have run. */
export async function askMigrations(sql: Postgres): Promise<Migrations | null> {
  const [there] = await sql<{ exists: boolean; readable: boolean }[]>`
    SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = 'tidemark' AND tablename = 'migrations') AS exists,
           coalesce(has_schema_privilege(to_regnamespace('tidemark')::oid, 'USAGE'), true) AS readable`;
  if (!there?.readable) return null;
  const rows = there.exists ? await sql<{ name: string }[]>`SELECT name FROM tidemark.migrations ORDER BY name` : [];
  return { known: migrationFiles(), ran: rows.map((row) => row.name) };
}

/** Whether the database has had the migrations of this version, and no other; pure. */
export function judgeMigrations(migrations: Migrations | null): Check {
  const check = about("migrations", "every file of sql/ has run, and no other");
  if (migrations === null) return check.skip("only the role of POSTGRES_ADMIN_USER may read which have run");
  const { known, ran } = migrations;
  const missing = known.filter((name) => !ran.includes(name));
  const unknown = ran.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    return check.fail(
      `${unknown.join(", ")} ran, and this version does not know it`,
      "use the newer version of Tidemark",
    );
  }
  if (missing.length > 0) return check.fail(`not run: ${missing.join(", ")}`, "bun run setup");
  return check.ok(`${ran.length} have run`);
}
