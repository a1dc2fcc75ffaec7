import type { CatalogTable, ColumnType } from "./catalog.ts";
import { CodecError, documentFromRow, floatText, type Row } from "./row-codec.ts";

/** A document's source, its integers beyond 2^53 as bigint. */
export type Source = Readonly<Record<string, unknown>>;

/**
 * The row that a document shows: the inverse of documentFromRow.
 * @throws CodecError that names the field, never its value, where it has a form that the sink does not write
 */
export function rowFromDocument(table: CatalogTable, source: Source): Row {
  return Object.fromEntries(
    table.columns.map(({ name, type }) => {
      const value = source[name];
      if (value === undefined || value === null) return [name, null];
      const text = textOf(type, value);
      if (text === undefined) throw new CodecError(`the document's field ${table.name}.${name} is no ${type}`);
      return [name, text];
    }),
  );
}

/** Whether a document, its `tidemark` field left out, is exactly what the sink would write for the row that it shows. */
export function isFaithful(table: CatalogTable, source: Source): boolean {
  const { tidemark: _, ...fields } = source;
  const written = documentFromRow(table, rowFromDocument(table, source));
  const names = Object.keys(written);
  if (names.length !== Object.keys(fields).length) return false;
  return names.every((name) => name in fields && textOfJson(written[name]) === textOfJson(fields[name]));
}

/** Numbers by their value: 1.50 and 1.5 are the same field. */
function textOfJson(value: unknown): string {
  return JSON.stringify(value, (_key, one) => (typeof one === "bigint" ? JSON.rawJSON(String(one)) : one)).replace(
    /^-?[\d.]+(e[+-]?\d+)?$/i,
    (number) => (/^-?\d+$/.test(number) ? number : String(Number(number))),
  );
}

function textOf(type: ColumnType, value: unknown): string | undefined {
  switch (type) {
    case "smallint":
    case "integer":
    case "bigint":
      return typeof value === "bigint" || Number.isSafeInteger(value) ? String(value) : undefined;
    case "real":
      return floatOf(value, 6);
    case "double precision":
      return floatOf(value, 15);
    case "boolean":
      return typeof value === "boolean" ? String(value) : undefined;
    case "timestamp with time zone":
      return typeof value === "string" ? postgresTime(value, "+00") : undefined;
    case "timestamp without time zone":
      return typeof value === "string" ? postgresTime(value, "") : undefined;
    case "bytea":
      return typeof value === "string" ? `\\x${Buffer.from(value, "base64").toString("hex")}` : undefined;
    default:
      return typeof value === "string" ? value : undefined;
  }
}

function floatOf(value: unknown, fixedDigits: 6 | 15): string | undefined {
  if (value === "NaN" || value === "Infinity" || value === "-Infinity") return value;
  if (typeof value === "bigint") return floatText(Number(value), fixedDigits);
  return typeof value === "number" ? floatText(value, fixedDigits) : undefined;
}

/** `2026-11-23T23:11:26.873323Z` as PostgreSQL prints it; what Elasticsearch cannot hold was kept in that form. */
function postgresTime(value: string, zone: string): string {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d(?:\.\d+)?)(Z?)$/.exec(value);
  return match === null ? value : `${match[1]} ${match[2]}${zone}`;
}
