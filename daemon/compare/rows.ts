import type { CatalogTable } from "../../src/catalog.ts";
import { digestSql, quoteIdentifier } from "../../src/digest.ts";
import type { Postgres } from "../../src/postgres.ts";
import { documentId } from "../../src/row-codec.ts";
import { keyOfDocument, wantedKeyParameters, wantedKeysSql } from "./keys.ts";

/** A row as PostgreSQL holds it at one moment. */
export type RowState = {
  readonly digest: number;
  /** Names the row's version (xmin and ctid): equal at two moments, nothing was committed to it in between. */
  readonly tuple: string;
};

/** The states of those rows that exist, by document id, in one statement. */
export async function readRowStates(
  sql: Postgres,
  table: CatalogTable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, RowState>> {
  const keys = ids.flatMap((id) => {
    const key = keyOfDocument(table, id);
    return key === undefined ? [] : [key];
  });
  if (keys.length === 0) return new Map();
  const key = table.key.map((name) => `t.${quoteIdentifier(name)}::text AS ${quoteIdentifier(name)}`).join(", ");
  const rows = await sql.unsafe<(Record<string, string> & { "tidemark digest": string; "tidemark tuple": string })[]>(
    `SELECT ${key}, ${digestSql(table)} AS "tidemark digest", t.xmin::text || ':' || t.ctid::text AS "tidemark tuple"
     FROM ${wantedKeysSql(table)}`,
    wantedKeyParameters(table, keys),
  );
  return new Map(
    rows.map((row) => [
      documentId(table, row),
      { digest: Number(row["tidemark digest"]), tuple: row["tidemark tuple"] },
    ]),
  );
}
