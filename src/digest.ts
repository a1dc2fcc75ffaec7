import type { CatalogTable, Column } from "./catalog.ts";
import { daysFromText, microsFromText, type Row } from "./row-codec.ts";

/**
 * A row's digest: the first 32 bits of md5 over its canonical text, as an unsigned integer. The canonical text is, for
 * each column in the table's order, `octet_length:text`, or `-` for NULL; dashes at its end go, so that a column added
 * with NULL changes no digest. (A value of dashes at the end loses them too, but its length tells how many there were.)
 */
export function digestOf(table: CatalogTable, row: Row): number {
  const hash = new Bun.CryptoHasher("md5");
  return hash.update(canonicalText(table, row)).digest().readUInt32BE(0);
}

export function canonicalText(table: CatalogTable, row: Row): string {
  let text = "";
  for (const column of table.columns) {
    const value = row[column.name];
    if (value === null || value === undefined) {
      text += "-";
    } else {
      const canonical = canonicalValue(column, value);
      text += `${Buffer.byteLength(canonical)}:${canonical}`;
    }
  }
  return text.replace(/-+$/, "");
}

function canonicalValue(column: Column, value: string): string {
  switch (column.type) {
    case "boolean":
      return value.charAt(0);
    case "real":
    case "double precision":
      return floatHex(column.type, Number(value));
    case "timestamp with time zone":
    case "timestamp without time zone":
      return String(microsFromText(value) ?? value);
    case "date":
      return String(daysFromText(value) ?? value);
    case "bytea":
      return value.slice(2);
    default:
      return value;
  }
}

const floatBuffer = Buffer.alloc(8);

function floatHex(type: "real" | "double precision", value: number): string {
  if (type === "real") {
    floatBuffer.writeFloatBE(value);
    return floatBuffer.toString("hex", 0, 4);
  }
  floatBuffer.writeDoubleBE(value);
  return floatBuffer.toString("hex");
}

/**
 * The same digest as an SQL expression (bigint) over a row whose columns are in scope, computed by PostgreSQL alone.
 * @param alias the row's alias in the query
 */
export function digestSql(table: CatalogTable, alias = "t"): string {
  return `('x' || left(md5(${canonicalSql(table, alias)}), 8))::bit(32)::bigint`;
}

export function canonicalSql(table: CatalogTable, alias = "t"): string {
  const columns = table.columns.map((column) => {
    const value = canonicalValueSql(column, `${alias}.${quoteIdentifier(column.name)}`);
    return `coalesce(octet_length(${value}) || ':' || ${value}, '-')`;
  });
  return `rtrim(${columns.join(" || ")}, '-')`;
}

function canonicalValueSql(column: Column, name: string): string {
  switch (column.type) {
    case "boolean":
      return `left(${name}::text, 1)`;
    case "real":
      return `encode(float4send(${name}), 'hex')`;
    case "double precision":
      return `encode(float8send(${name}), 'hex')`;
    case "timestamp with time zone":
    case "timestamp without time zone":
      return (
        `CASE WHEN isfinite(${name}) THEN trunc(extract(epoch FROM ${name}) * 1000000)::bigint::text ` +
        `ELSE ${name}::text END`
      );
    case "date":
      return `CASE WHEN isfinite(${name}) THEN (${name} - DATE '1970-01-01')::text ELSE ${name}::text END`;
    case "bytea":
      return `encode(${name}, 'hex')`;
    default:
      return `${name}::text`;
  }
}

/** A name as an SQL identifier. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
