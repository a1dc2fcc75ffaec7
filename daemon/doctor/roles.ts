import type { Config } from "../../src/config.ts";
import { quoteIdentifier } from "../../src/digest.ts";
import { messageOf } from "../../src/errors.ts";
import { connectPostgres, type Postgres, type PostgresRole } from "../../src/postgres.ts";
import type { Table } from "../../src/tables.ts";
import { about, type Check, skipped } from "./check.ts";

const roles = [
  { name: "tidemark_writer", role: "writer", password: "POSTGRES_WRITER_PASSWORD" },
  { name: "tidemark_replication", role: "replication", password: "POSTGRES_REPLICATION_PASSWORD" },
  { name: "tidemark_watchdog", role: "watchdog", password: "POSTGRES_WATCHDOG_PASSWORD" },
] as const satisfies readonly { name: string; role: PostgresRole; password: string }[];
type RoleName = (typeof roles)[number]["name"];

/** What replay and load write to; other tables are filled by others. */
const written: Readonly<Record<string, readonly string[]>> = {
  clicks: ["SELECT", "INSERT"],
  transactions: ["SELECT", "INSERT"],
  customers: ["SELECT", "INSERT", "UPDATE"],
  products: ["SELECT", "INSERT", "UPDATE"],
};

/** A right that a role needs. Of a function EXECUTE, of a role its membership. */
export type Right = {
  readonly role: RoleName;
  readonly kind: "database" | "schema" | "table" | "function" | "role";
  readonly object: string;
  readonly privilege: string;
};

export type RoleFacts = {
  readonly name: string;
  readonly login: boolean;
  readonly replication: boolean;
  /** Why it could not log in with the password of its setting; null where it could. */
  readonly refusal: string | null;
};

export type Roles = {
  readonly found: readonly RoleFacts[];
  readonly rights: readonly (Right & { readonly held: boolean })[];
};

export const roleChecks = ["role", "role-login", "role-rights"] as const;

/** Asks which roles there are, whether they can log in, and which rights they hold on what exists. */
export async function askRoles(sql: Postgres, config: Config, tables: readonly Table[]): Promise<Roles> {
  const rows = await sql<{ name: string; login: boolean; replication: boolean }[]>`
    SELECT rolname AS name, rolcanlogin AS login, rolreplication OR rolsuper AS replication
    FROM pg_roles WHERE rolname IN ${sql(roles.map(({ name }) => name))}`;
  const found = await Promise.all(rows.map(async (row) => ({ ...row, refusal: await tryLogin(config, row.name) })));
  const own = await sql<{ name: string }[]>`
    SELECT format('watchdog.%I', relname) AS name FROM pg_class
    WHERE relnamespace = to_regnamespace('watchdog') AND relkind = 'r'`;
  const wanted = wantedRights(
    config.postgresDatabase,
    tables,
    own.map(({ name }) => name),
  );
  // What does not exist gives NULL: it is another check's failure.
  const held = await sql<{ position: number; held: boolean }[]>`
    SELECT (position - 1)::int AS position, held FROM (
      SELECT position, CASE kind
        WHEN 'database' THEN has_database_privilege(r.oid, object, privilege)
        WHEN 'schema' THEN has_schema_privilege(r.oid, to_regnamespace(object)::oid, privilege)
        WHEN 'table' THEN has_table_privilege(r.oid, to_regclass(object), privilege)
        WHEN 'function' THEN has_function_privilege(r.oid, to_regprocedure(object), privilege)
        ELSE pg_has_role(r.oid, object, 'USAGE') END AS held
      FROM unnest(${wanted.map((right) => right.role)}::text[], ${wanted.map((right) => right.kind)}::text[],
                  ${wanted.map((right) => right.object)}::text[], ${wanted.map((right) => right.privilege)}::text[])
        WITH ORDINALITY AS wanted(role, kind, object, privilege, position)
      JOIN pg_roles r ON r.rolname = role) AS asked
    WHERE held IS NOT NULL`;
  return {
    found,
    rights: held.flatMap(({ position, held }) => (wanted[position] ? [{ ...wanted[position], held }] : [])),
  };
}

/** Every right that the migrations give, for the declared tables; pure. */
export function wantedRights(
  database: string,
  tables: readonly Table[],
  watchdogTables: readonly string[],
): readonly Right[] {
  const base = roles.flatMap(({ name: role }): Right[] => [
    { role, kind: "database", object: database, privilege: "CONNECT" },
    { role, kind: "schema", object: "public", privilege: "USAGE" },
  ]);
  const streamed = tables.flatMap(({ name }): Right[] => {
    const on = { kind: "table", object: `public.${quoteIdentifier(name)}` } as const;
    return [
      { role: "tidemark_replication", ...on, privilege: "SELECT" },
      { role: "tidemark_watchdog", ...on, privilege: "SELECT" },
      ...(written[name] ?? []).map((privilege): Right => ({ role: "tidemark_writer", ...on, privilege })),
    ];
  });
  const kept = watchdogTables.flatMap((object): Right[] =>
    ["SELECT", "INSERT"].map((privilege) => ({ role: "tidemark_watchdog", kind: "table", object, privilege })),
  );
  const replayed = ["replay.runs", "replay.positions", "replay.rejects"].flatMap((object): Right[] =>
    ["SELECT", "INSERT"].map((privilege) => ({ role: "tidemark_writer", kind: "table", object, privilege })),
  );
  return [
    ...base,
    ...streamed,
    { role: "tidemark_writer", kind: "schema", object: "replay", privilege: "USAGE" },
    ...replayed,
    { role: "tidemark_watchdog", kind: "schema", object: "watchdog", privilege: "USAGE" },
    { role: "tidemark_watchdog", kind: "role", object: "pg_read_all_stats", privilege: "USAGE" },
    {
      role: "tidemark_watchdog",
      kind: "function",
      object: "watchdog.add_to_publication(text)",
      privilege: "EXECUTE",
    },
    ...kept,
  ];
}

async function tryLogin(config: Config, name: string): Promise<string | null> {
  const role = roles.find((one) => one.name === name)?.role ?? "watchdog";
  const sql = connectPostgres(config, role, { connections: 1, program: "tidemark-doctor" });
  try {
    await sql`SELECT 1`;
    return null;
  } catch (error) {
    return messageOf(error);
  } finally {
    await sql.end({ timeout: 2 });
  }
}

/** Whether each role exists, can log in, and holds its rights; pure. */
export function judgeRoles({ found, rights }: Roles): readonly Check[] {
  return roles.flatMap(({ name, password }) => {
    const labels = { role: name };
    const role = found.find((one) => one.name === name);
    const exists = about(
      "role",
      name === "tidemark_replication" ? "a role with LOGIN, REPLICATION" : "a role with LOGIN",
      labels,
    );
    if (role === undefined) {
      const remedy = `CREATE ROLE ${name} LOGIN${name === "tidemark_replication" ? " REPLICATION" : ""}; -- then bun run setup, for its password`;
      return [
        exists.fail("does not exist", remedy),
        ...skipped(["role-login", "role-rights"], `role ${name} does not exist`, labels),
      ];
    }
    const lacking = [
      ...(role.login ? [] : ["LOGIN"]),
      ...(name === "tidemark_replication" && !role.replication ? ["REPLICATION"] : []),
    ];
    const login = about("role-login", `logs in with the password in ${password}`, labels);
    const own = rights.filter((right) => right.role === name);
    const missing = own.filter((right) => !right.held);
    return [
      lacking.length === 0
        ? exists.ok("exists")
        : exists.fail(`lacks ${lacking.join(" and ")}`, `ALTER ROLE ${name} ${lacking.join(" ")};`),
      role.refusal === null
        ? login.ok("logs in")
        : login.fail(role.refusal, `set ${password}; bun run setup gives it to the role`),
      ...(missing.length === 0
        ? [about("role-rights", "every right that it needs", labels).ok(`${own.length} rights`)]
        : missing.map(judgeMissing)),
    ];
  });
}

function judgeMissing({ role, kind, object, privilege }: Right): Check {
  const what = kind === "role" ? `membership of ${object}` : `${privilege} on ${kind} ${object}`;
  return about("role-rights", what, { role, object, privilege }).fail(
    `${role} lacks it`,
    grantText({ role, kind, object, privilege }),
  );
}

function grantText({ role, kind, object, privilege }: Right): string {
  if (kind === "role") return `GRANT ${object} TO ${role};`;
  const on = {
    database: `DATABASE ${object}`,
    schema: `SCHEMA ${object}`,
    table: object,
    function: `FUNCTION ${object}`,
  }[kind];
  return `GRANT ${privilege} ON ${on} TO ${role};`;
}
