import type { CatalogTable, ColumnType } from "./catalog.ts";
import { rawNumber } from "./lossless-json.ts";
import { daysFromText, type EventRow, microsFromText, type Row } from "./row-codec.ts";

/**
 * A row as Debezium's JSON carries it (`after`), field by field, given this project's connector configuration: the
 * inverse of rowFromEvent. A test holds it against Debezium's own events.
 */
export function eventFromRow(table: CatalogTable, row: Row): EventRow {
  return Object.fromEntries(table.columns.map(({ name, type }) => [name, debeziumValue(type, row[name] ?? null)]));
}

/** The key of a row's events: its key columns alone. */
export function eventKey(table: CatalogTable, key: Row): EventRow {
  return Object.fromEntries(
    table.key.map((name) => {
      const column = table.columns.find((one) => one.name === name);
      return [name, debeziumValue(column?.type ?? "text", key[name] ?? null)];
    }),
  );
}

/**
 * JSON in the very bytes of Kafka Connect's JsonConverter (Jackson): characters beyond the basic plane as two escapes,
 * escapes in upper case. A key's bytes decide its partition.
 */
export function connectJson(value: unknown): Buffer {
  const text = JSON.stringify(value)
    .replace(/[\ud800-\udfff]/g, (half) => `\\u${half.charCodeAt(0).toString(16)}`)
    .replace(/\\(?:u([0-9a-f]{4})|.)/g, (found, digits?: string) => (digits ? `\\u${digits.toUpperCase()}` : found));
  return Buffer.from(text);
}

function debeziumValue(type: ColumnType, text: string | null): unknown {
  if (text === null) return null;
  switch (type) {
    case "smallint":
    case "integer":
    case "bigint":
      return rawNumber(text);
    case "real":
      return Number.isFinite(Number(text)) ? rawNumber(javaFloat(text)) : text;
    case "double precision":
      return Number.isFinite(Number(text)) ? rawNumber(text) : text;
    case "boolean":
      return text === "true";
    case "numeric":
      return specialDecimals[text] ?? text;
    case "date":
      return Number(daysFromText(text) ?? infiniteDays[text]);
    case "time without time zone":
      return Number(microsFromText(`1970-01-01 ${text}`));
    case "timestamp without time zone":
      return rawNumber(String(microsFromText(text) ?? infiniteMicros[text]));
    case "timestamp with time zone":
      return zoned(text);
    case "bytea":
      return Buffer.from(text.slice(2), "hex").toString("base64");
    default:
      return text;
  }
}

/** io.debezium.data.SpecialValueDecimal */
const specialDecimals: Readonly<Record<string, string>> = {
  NaN: "NAN",
  Infinity: "POSITIVE_INFINITY",
  "-Infinity": "NEGATIVE_INFINITY",
};

/** What Debezium 3.7 streams for infinite dates (the driver's PGStatement.DATE_POSITIVE_INFINITY in days): measured. */
const infiniteDays: Readonly<Record<string, number>> = { infinity: 2_146_033_979, "-infinity": -2_147_472_691 };
/** Java's Long.MAX_VALUE and MIN_VALUE. */
const infiniteMicros: Readonly<Record<string, bigint>> = { infinity: 2n ** 63n - 1n, "-infinity": -(2n ** 63n) };

/** A float as Java prints it: of one digit only where two are no closer to it (Float.toString, since JDK 19). */
function javaFloat(text: string): string {
  const value = Math.fround(Number(text));
  const twoDigits = Number(value.toPrecision(2));
  const closer = Math.abs(twoDigits - value) < Math.abs(Number(text) - value);
  return /^-?\de/.test(text) && closer ? String(twoDigits) : text;
}

/** PostgreSQL's `2026-11-23 23:11:26.873323+00` in ISO: six digits of a second, astronomical years, `+` before five digits. */
function zoned(text: string): string {
  const match = /^(\d+)(-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?\+00( BC)?$/.exec(text);
  if (match === null) return text;
  const [, yearText, date, time, fraction = "", era] = match;
  const year = era ? 1 - Number(yearText) : Number(yearText);
  const shown = String(Math.abs(year)).padStart(4, "0");
  const sign = year < 0 ? "-" : year > 9999 ? "+" : "";
  return `${sign}${shown}${date}T${time}.${fraction.padEnd(6, "0")}Z`;
}
