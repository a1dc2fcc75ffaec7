import type { CatalogTable } from "../../src/catalog.ts";
import { quoteIdentifier } from "../../src/digest.ts";
import type { Postgres } from "../../src/postgres.ts";
import { documentId, type Row } from "../../src/row-codec.ts";
import { wantedKeyParameters, wantedKeysSql } from "../compare/keys.ts";

/** Those rows of a table that exist, whole, by document id: one statement, and so one snapshot. */
export async function readRows(
  sql: Postgres,
  table: CatalogTable,
  keys: readonly (readonly string[])[],
): Promise<ReadonlyMap<string, Row>> {
  if (keys.length === 0) return new Map();
  const columns = table.columns
    .map(({ name }) => `t.${quoteIdentifier(name)}::text AS ${quoteIdentifier(name)}`)
    .join(", ");
  const rows = await sql.unsafe<Record<string, string | null>[]>(
    `SELECT ${columns} FROM ${wantedKeysSql(table)}`,
    wantedKeyParameters(table, keys),
  );
  return new Map(rows.map((row) => [documentId(table, row), row]));
}
