import { type ColumnRow, columnTypes } from "../../src/catalog.ts";
import { quoteIdentifier } from "../../src/digest.ts";
import type { Postgres } from "../../src/postgres.ts";
import type { Table } from "../../src/tables.ts";
import { about, type Check, skipped } from "./check.ts";

export type TableFacts = {
  readonly name: string;
  /** `f` is FULL (PostgreSQL's manual, pg_class.relreplident). */
  readonly identity: string;
  /** The primary key's columns, in its order; none where there is no key. */
  readonly key: readonly string[];
  /** The first columns of valid indices over all rows. */
  readonly leading: readonly string[];
  /** Generated columns: `s` stored, `v` virtual. */
  readonly generated: readonly { readonly name: string; readonly kind: string }[];
};

export const tableChecks = [
  "table",
  "table-key",
  "table-identity",
  "table-time",
  "table-time-index",
  "table-columns",
] as const;

/** Asks for those declared tables that exist. */
export async function askTables(sql: Postgres, tables: readonly Table[]): Promise<readonly TableFacts[]> {
  return sql<TableFacts[]>`
    SELECT c.relname AS name, c.relreplident::text AS identity,
           ARRAY(SELECT a.attname::text FROM pg_index i
                 CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, position)
                 JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
                 WHERE i.indrelid = c.oid AND i.indisprimary AND k.position <= i.indnkeyatts
                 ORDER BY k.position) AS key,
           ARRAY(SELECT DISTINCT a.attname::text FROM pg_index i
                 JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
                 WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NULL) AS leading,
           coalesce((SELECT json_agg(json_build_object('name', a.attname, 'kind', a.attgenerated))
                     FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attgenerated <> '' AND NOT a.attisdropped),
                    '[]')::text AS generated
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
      AND c.relname IN ${sql(tables.map((table) => table.name))}`.then((rows) =>
    rows.map((row) => ({ ...row, generated: JSON.parse(String(row.generated)) as TableFacts["generated"] })),
  );
}

/** Whether one declared table is as the stream, the sink and the watchdog need it; pure. */
export function judgeTable(
  table: Table,
  facts: TableFacts | undefined,
  columns: readonly ColumnRow[],
  publishesStored: boolean,
): readonly Check[] {
  const labels = { table: table.name };
  const exists = about("table", "a table of this name in schema public", labels);
  const [, ...others] = tableChecks;
  if (facts === undefined) {
    const remedy = "bun run setup, or take it out of src/tables.ts";
    return [exists.fail("does not exist", remedy), ...skipped(others, `table ${table.name} does not exist`, labels)];
  }
  const own = columns.filter((column) => column.table_name === table.name);
  return [
    exists.ok("exists"),
    judgeKey(table, facts),
    judgeIdentity(table, facts),
    ...judgeTime(table, facts, own),
    ...judgeColumns(table, facts, own, publishesStored),
  ];
}

function nameOf(table: Table): string {
  return `public.${quoteIdentifier(table.name)}`;
}

function judgeKey(table: Table, { key }: TableFacts): Check {
  const wanted = table.key.map(quoteIdentifier).join(", ");
  const check = about("table-key", `primary key (${wanted}), as src/tables.ts declares: it makes the documents' ids`, {
    table: table.name,
  });
  if (JSON.stringify(key) === JSON.stringify(table.key)) return check.ok(`primary key (${wanted})`);
  if (key.length === 0)
    return check.fail("no primary key", `ALTER TABLE ${nameOf(table)} ADD PRIMARY KEY (${wanted});`);
  return check.fail(
    `primary key (${key.join(", ")})`,
    `declare key: ${JSON.stringify(key)} in src/tables.ts, or give the table the declared key`,
  );
}

function judgeIdentity(table: Table, { identity }: TableFacts): Check {
  const check = about("table-identity", "REPLICA IDENTITY FULL: else unchanged long values come as a placeholder", {
    table: table.name,
  });
  if (identity === "f") return check.ok("FULL");
  const found = { d: "DEFAULT", n: "NOTHING", i: "USING INDEX" }[identity] ?? identity;
  return check.fail(`REPLICA IDENTITY ${found}`, `ALTER TABLE ${nameOf(table)} REPLICA IDENTITY FULL;`);
}

function judgeTime(table: Table, facts: TableFacts, columns: readonly ColumnRow[]): readonly Check[] {
  const labels = { table: table.name };
  const name = quoteIdentifier(table.timeColumn);
  const time = about("table-time", `${name} timestamptz NOT NULL: it sorts rows into buckets`, labels);
  const index = about(
    "table-time-index",
    `an index that begins with ${name}: else each comparison reads the table`,
    labels,
  );
  const column = columns.find((one) => one.column_name === table.timeColumn);
  const alter = `ALTER TABLE ${nameOf(table)}`;
  if (column === undefined) {
    return [
      time.fail(`no column ${name}`, `${alter} ADD COLUMN ${name} timestamptz NOT NULL DEFAULT now();`),
      index.skip(`there is no column ${name}`),
    ];
  }
  const indexName = quoteIdentifier(`${table.name}_${table.timeColumn}`);
  const indexColumns = [table.timeColumn, ...table.key].map(quoteIdentifier).join(", ");
  return [
    column.type_name !== "timestamp with time zone"
      ? time.fail(column.type_name, `${alter} ALTER COLUMN ${name} TYPE timestamptz;`)
      : column.not_null
        ? time.ok("timestamptz NOT NULL")
        : time.fail("it may be NULL", `${alter} ALTER COLUMN ${name} SET NOT NULL;`),
    facts.leading.includes(table.timeColumn)
      ? index.ok("there is one")
      : index.warn("there is none", `CREATE INDEX CONCURRENTLY ${indexName} ON ${nameOf(table)} (${indexColumns});`),
  ];
}

function judgeColumns(
  table: Table,
  { generated }: TableFacts,
  columns: readonly ColumnRow[],
  publishesStored: boolean,
): readonly Check[] {
  const check = (column?: string) =>
    about("table-columns", "columns that stream, of types that compare and heal exactly (see README, Add a table)", {
      table: table.name,
      ...(column === undefined ? {} : { column }),
    });
  const alter = (column: string) => `ALTER TABLE ${nameOf(table)} ALTER COLUMN ${quoteIdentifier(column)}`;
  const unsupported = columns.filter(({ type_name }) => !columnTypes.some((known) => known === type_name));
  const unstreamed = generated.filter(({ kind }) => kind !== "s" || !publishesStored);
  const missing = declaredColumns(table).filter((name) => !columns.some((column) => column.column_name === name));
  const failures = [
    ...unsupported.map(({ column_name: column, type_name }) =>
      check(column).fail(
        `${column} is ${type_name}`,
        `${alter(column)} TYPE text USING ${quoteIdentifier(column)}::text;`,
      ),
    ),
    ...unstreamed.map(({ name, kind }) =>
      check(name).fail(
        `${name} is generated, and PostgreSQL does not stream it`,
        kind === "s"
          ? `${alter(name)} DROP EXPRESSION;`
          : `ALTER TABLE ${nameOf(table)} DROP COLUMN ${quoteIdentifier(name)};`,
      ),
    ),
    ...missing.map((name) =>
      check(name).fail(`no column ${name}, which src/tables.ts declares`, "correct src/tables.ts, or add the column"),
    ),
  ];
  return failures.length > 0 ? failures : [check().ok(`${columns.length} columns`)];
}

/** What a declaration names besides key and time column, which have checks of their own. */
function declaredColumns({ searchColumns = [], point }: Table): readonly string[] {
  return [...searchColumns, ...(point ? [point.latitude, point.longitude] : [])];
}
