import { quoteIdentifier } from "../../src/digest.ts";
import type { Postgres } from "../../src/postgres.ts";
import type { Table } from "../../src/tables.ts";
import { about, type Check, skipped } from "./check.ts";

const operations = ["insert", "update", "delete", "truncate"] as const;
const PUBLISH = `publish = '${operations.join(", ")}'`;

export type Publication = {
  /** What it publishes; null where it does not exist. */
  readonly publishes: readonly string[] | null;
  readonly publishesStored: boolean;
  readonly tables: readonly string[];
  /** Tables of which only some rows or columns are published. */
  readonly narrowed: readonly { readonly table: string; readonly rows: boolean; readonly columns: boolean }[];
};

export const publicationChecks = ["publication", "publication-table"] as const;

/** Asks for the publication that Debezium reads. Columns newer than PostgreSQL 14 are read by way of JSON. */
export async function askPublication(sql: Postgres): Promise<Publication> {
  const [row] = await sql<({ stored: boolean } & Record<(typeof operations)[number], boolean>)[]>`
    SELECT pubinsert AS insert, pubupdate AS update, pubdelete AS delete, pubtruncate AS truncate,
           coalesce(to_jsonb(p) ->> 'pubgencols', 'n') = 's' AS stored
    FROM pg_publication p WHERE pubname = 'tidemark'`;
  const tables = await sql<{ name: string }[]>`
    SELECT tablename AS name FROM pg_publication_tables WHERE pubname = 'tidemark' AND schemaname = 'public'`;
  const narrowed = await sql<{ table: string; rows: boolean; columns: boolean }[]>`
    SELECT c.relname AS table, to_jsonb(r) ->> 'prqual' IS NOT NULL AS rows, to_jsonb(r) ->> 'prattrs' IS NOT NULL AS columns
    FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid JOIN pg_class c ON c.oid = r.prrelid
    WHERE p.pubname = 'tidemark' AND c.relnamespace = 'public'::regnamespace`;
  return {
    publishes: row === undefined ? null : operations.filter((operation) => row[operation]),
    publishesStored: row?.stored ?? false,
    tables: tables.map(({ name }) => name),
    narrowed: narrowed.filter(({ rows, columns }) => rows || columns),
  };
}

/** Whether every change of every declared table is published; pure. */
export function judgePublication(publication: Publication, tables: readonly Table[]): readonly Check[] {
  const check = about("publication", `the publication tidemark publishes ${operations.join(", ")}`);
  const { publishes } = publication;
  if (publishes === null) {
    const all = tables.map(nameOf).join(", ");
    return [
      check.fail("it does not exist", `CREATE PUBLICATION tidemark FOR TABLE ${all} WITH (${PUBLISH});`),
      ...skipped(["publication-table"], "the publication does not exist"),
    ];
  }
  const missing = operations.filter((operation) => !publishes.includes(operation));
  return [
    missing.length === 0
      ? check.ok(publishes.join(", "))
      : check.fail(`it leaves out ${missing.join(", ")}`, `ALTER PUBLICATION tidemark SET (${PUBLISH});`),
    ...tables.map((table) => judgeMember(publication, table)),
  ];
}

function judgeMember({ tables, narrowed }: Publication, table: Table): Check {
  const check = about(
    "publication-table",
    "published, every row and column; what was written before is found by bun run watchdog heal",
    { table: table.name },
  );
  const name = nameOf(table);
  if (!tables.includes(table.name)) {
    return check.fail("not in the publication tidemark", `ALTER PUBLICATION tidemark ADD TABLE ${name};`);
  }
  const narrow = narrowed.find((one) => one.table === table.name);
  if (narrow === undefined) return check.ok("published");
  const found = [...(narrow.rows ? ["a row filter"] : []), ...(narrow.columns ? ["a column list"] : [])].join(" and ");
  return check.fail(
    found,
    `ALTER PUBLICATION tidemark DROP TABLE ${name}; ALTER PUBLICATION tidemark ADD TABLE ${name};`,
  );
}

function nameOf(table: Table): string {
  return `public.${quoteIdentifier(table.name)}`;
}
