import type { CatalogTable, ColumnType } from "../../src/catalog.ts";
import { quoteIdentifier } from "../../src/digest.ts";

/**
 * The key columns' texts of a document id; undefined for an id that no row of the table can have, such as a word where
 * the key is a number.
 */
export function keyOfDocument(table: CatalogTable, id: string): readonly string[] | undefined {
  const values = table.key.length === 1 ? [id] : parseList(id);
  if (values?.length !== table.key.length) return undefined;
  const possible = table.key.every((name, position) => {
    const type = table.columns.find((column) => column.name === name)?.type;
    return type !== undefined && isPossible(type, values[position] ?? "");
  });
  return possible ? values : undefined;
}

function parseList(id: string): readonly string[] | undefined {
  try {
    const list: unknown = JSON.parse(id);
    return Array.isArray(list) && list.every((value) => typeof value === "string") ? list : undefined;
  } catch {
    return undefined;
  }
}

const integerBounds: Partial<Record<ColumnType, bigint>> = {
  smallint: 2n ** 15n,
  integer: 2n ** 31n,
  bigint: 2n ** 63n,
};

function isPossible(type: ColumnType, text: string): boolean {
  const bound = integerBounds[type];
  if (bound !== undefined) return /^-?\d{1,19}$/.test(text) && BigInt(text) < bound && BigInt(text) >= -bound;
  if (type === "uuid") return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
  // PostgreSQL's text holds no NUL.
  return !text.includes("\0");
}

/** Types whose every text that `isPossible` lets through casts without an error; others are compared as text. */
const castable = new Set<ColumnType>(["smallint", "integer", "bigint", "uuid", "text", "character varying"]);

/**
 * SQL that joins a table `t` with wanted keys, given as one text array for each key column ($1, $2, ...). Uses the
 * primary key's index where the key's types allow a cast.
 */
export function wantedKeysSql(table: CatalogTable): string {
  const names = table.key.map((_, position) => `k${position}`);
  const parameters = table.key.map((_, position) => `$${position + 1}::text[]`);
  const conditions = table.key.map((name, position) => {
    const type = table.columns.find((column) => column.name === name)?.type ?? "text";
    const column = `t.${quoteIdentifier(name)}`;
    return castable.has(type) ? `${column} = wanted.k${position}::${type}` : `${column}::text = wanted.k${position}`;
  });
  return (
    `unnest(${parameters.join(", ")}) AS wanted(${names.join(", ")}) ` +
    `JOIN public.${quoteIdentifier(table.name)} t ON ${conditions.join(" AND ")}`
  );
}

/** The arrays that go with `wantedKeysSql`. */
export function wantedKeyParameters(table: CatalogTable, keys: readonly (readonly string[])[]): string[][] {
  return table.key.map((_, position) => keys.map((key) => key[position] ?? ""));
}
