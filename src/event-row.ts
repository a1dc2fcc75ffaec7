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

function debeziumValue(type: ColumnType, text: string | null): unknown {
  if (text === null) return null;
  switch (type) {
    case "smallint":
    case "integer":
    case "bigint":
      return rawNumber(text);
    case "real":
    case "double precision":
      return Number.isFinite(Number(text)) ? rawNumber(text) : text;
    case "boolean":
      return text === "true";
    case "numeric":
      return specialDecimals[text] ?? javaDecimal(text);
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

/** What Debezium streams for infinite dates: the driver's PGStatement.DATE_POSITIVE_INFINITY, cut to an int. */
const infiniteDays: Readonly<Record<string, number>> = { infinity: 2_147_483_647, "-infinity": -2_147_483_648 };
const infiniteMicros: Readonly<Record<string, bigint>> = {
  infinity: 9_223_372_036_825_200_000n,
  "-infinity": -9_223_372_036_832_400_000n,
};

/** A decimal as java.math.BigDecimal.toString prints it: with an exponent below 1e-6. */
export function javaDecimal(text: string): string {
  const [, sign = "", whole = "", fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+(?=\d)/, "");
  const exponent = digits.length - 1 - fraction.length;
  if (exponent >= -6) return text;
  const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits;
  return `${sign}${mantissa}E${exponent}`;
}

/** PostgreSQL's `2026-11-23 23:11:26.873323+00` as ISO_OFFSET_DATE_TIME: astronomical years, `+` before five digits. */
function zoned(text: string): string {
  const match = /^(\d+)(-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)\+00( BC)?$/.exec(text);
  if (match === null) return text;
  const [, yearText, date, time, era] = match;
  const year = era ? 1 - Number(yearText) : Number(yearText);
  const shown = String(Math.abs(year)).padStart(4, "0");
  const sign = year < 0 ? "-" : year > 9999 ? "+" : "";
  return `${sign}${shown}${date}T${time}Z`;
}
