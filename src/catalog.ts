import { OperationError } from "./errors.ts";
import type { Postgres } from "./postgres.ts";
import type { Table } from "./tables.ts";

/** The PostgreSQL types that stream, compare and heal exactly. */
export const columnTypes = [
  "smallint",
  "integer",
  "bigint",
  "numeric",
  "real",
  "double precision",
  "boolean",
  "text",
  "character varying",
  "uuid",
  "date",
  "time without time zone",
  "timestamp without time zone",
  "timestamp with time zone",
  "json",
  "jsonb",
  "bytea",
] as const;
export type ColumnType = (typeof columnTypes)[number];

export type Column = { readonly name: string; readonly type: ColumnType; readonly notNull: boolean };

/** A declared table with its columns as PostgreSQL has them, in their order there. */
export type CatalogTable = Table & { readonly columns: readonly Column[] };

/** A column as PostgreSQL's catalog has it, of whatever type. */
export type ColumnRow = { table_name: string; column_name: string; type_name: string; not_null: boolean };

/**
 * Reads the columns of the declared tables.
 * @throws OperationError that names every missing table, missing column and unsupported type at once
 */
export async function readCatalog(sql: Postgres, tables: readonly Table[]): Promise<readonly CatalogTable[]> {
  return buildCatalog(tables, await readColumns(sql, tables));
}

/** The columns of those declared tables that exist. */
export function readColumns(sql: Postgres, tables: readonly Table[]): Promise<readonly ColumnRow[]> {
  return sql<ColumnRow[]>`
    SELECT c.relname AS table_name, a.attname AS column_name, a.attnotnull AS not_null,
           format_type(CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END, NULL) AS type_name
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid
    JOIN pg_type t ON t.oid = a.atttypid
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
      AND c.relname IN ${sql(tables.map((table) => table.name))}
    ORDER BY c.relname, a.attnum`;
}

/** Joins declarations with catalog rows; pure. @throws OperationError as readCatalog does */
export function buildCatalog(tables: readonly Table[], rows: readonly ColumnRow[]): readonly CatalogTable[] {
  const mistakes: string[] = [];
  const catalog = tables.map((table) => {
    const own = rows.filter((row) => row.table_name === table.name);
    if (own.length === 0) mistakes.push(`table ${table.name} does not exist (run bun run setup)`);
    for (const name of neededColumns(table)) {
      if (own.length > 0 && !own.some((row) => row.column_name === name)) {
        mistakes.push(`table ${table.name} has no column ${name}, which src/tables.ts declares`);
      }
    }
    const columns = own.map((row): Column => {
      const type = columnTypes.find((known) => known === row.type_name);
      if (type === undefined) {
        mistakes.push(`column ${table.name}.${row.column_name} has type ${row.type_name}, which is not supported`);
      }
      return { name: row.column_name, type: type ?? "text", notNull: row.not_null };
    });
    const time = columns.find((column) => column.name === table.timeColumn);
    if (time !== undefined && time.type !== "timestamp with time zone") {
      mistakes.push(`time column ${table.name}.${time.name} is ${time.type}, expected timestamp with time zone`);
    }
    return { ...table, columns };
  });
  if (mistakes.length > 0) throw new OperationError(mistakes.join("; "));
  return catalog;
}

function neededColumns(table: Table): readonly string[] {
  return [
    ...table.key,
    table.timeColumn,
    ...(table.searchColumns ?? []),
    ...(table.point ? [table.point.latitude, table.point.longitude] : []),
  ];
}
