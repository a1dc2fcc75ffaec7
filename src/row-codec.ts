import type { CatalogTable, ColumnType } from "./catalog.ts";
import { rawNumber } from "./lossless-json.ts";

/** `before`, `after` or the key of an event, as Debezium's JSON carries it. */
export type EventRow = Readonly<Record<string, unknown>>;

/**
 * A row in one form for every purpose: each value is null or PostgreSQL's own text of it (dates and times in UTC and
 * ISO, bytea in hex), as `SELECT column::text` gives with `extra_float_digits = 1`.
 */
export type Row = Readonly<Record<string, string | null>>;

/** An event does not fit the table's columns. It is a dead letter, or the catalog is to be read again. */
export class CodecError extends Error {
  override readonly name = "CodecError";
}

/** Debezium puts this where an unchanged long value was not logged (replica identity other than FULL). */
const UNAVAILABLE = "__debezium_unavailable_value";

/**
 * A row of Debezium's JSON (`before` or `after`) in PostgreSQL's text. A column that the event does not have (it is
 * newer than the event) counts as NULL.
 * @throws CodecError that names the column, never its value: a value of another form, or a key that is missing
 */
export function rowFromEvent(table: CatalogTable, event: EventRow): Row {
  const row: Record<string, string | null> = {};
  for (const column of table.columns) {
    const value = event[column.name];
    if (value === undefined || value === null) {
      if (table.key.includes(column.name)) throw new CodecError(`the event lacks the key ${table.name}.${column.name}`);
      row[column.name] = null;
    } else {
      row[column.name] = textFromEvent(`${table.name}.${column.name}`, column.type, value);
    }
  }
  return row;
}

/** Whether an event has a column that the catalog lacks: one that was added or dropped since the catalog was read. */
export function hasUnknownColumn(table: CatalogTable, event: EventRow): boolean {
  for (const name in event) {
    if (!table.columns.some((column) => column.name === name)) return true;
  }
  return false;
}

function textFromEvent(name: string, type: ColumnType, value: unknown): string {
  switch (type) {
    case "smallint":
    case "integer":
    case "bigint":
      if (typeof value === "bigint") return value.toString();
      if (Number.isSafeInteger(value)) return String(value);
      break;
    case "real":
      if (typeof value === "number") return floatText(shortestFloat(value), 6);
      if (value === "NaN" || value === "Infinity" || value === "-Infinity") return value;
      break;
    case "double precision":
      if (typeof value === "number") return floatText(value, 15);
      if (value === "NaN" || value === "Infinity" || value === "-Infinity") return value;
      break;
    case "boolean":
      if (typeof value === "boolean") return value ? "true" : "false";
      break;
    case "numeric":
      if (typeof value === "string") return specialDecimals[value] ?? plainDecimal(value);
      break;
    case "date":
      if (typeof value === "number") return dateText(value);
      break;
    case "time without time zone":
      if (typeof value === "number" || typeof value === "bigint") return timeText(BigInt(value));
      break;
    case "timestamp without time zone":
      if (typeof value === "number" || typeof value === "bigint") return timestampText(BigInt(value));
      break;
    case "timestamp with time zone":
      if (typeof value === "string") return zonedText(value);
      break;
    case "bytea":
      if (typeof value === "string") return `\\x${Buffer.from(value, "base64").toString("hex")}`;
      break;
    default:
      if (value === UNAVAILABLE) {
        throw new CodecError(`${name} is not in the event: the table needs REPLICA IDENTITY FULL`);
      }
      if (typeof value === "string") return value;
  }
  throw new CodecError(`${name} (${type}) came as ${typeof value}, which is not how Debezium sends it`);
}

/** The double whose shortest text is also the shortest text of this 32-bit float. */
function shortestFloat(value: number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === Math.fround(value)) return candidate;
  }
  return Number(value.toPrecision(9));
}

/**
 * PostgreSQL's shortest-precise text of a float: with an exponent, of two digits at least, below 1e-4 and from
 * 10^fixedDigits on: 15 for double precision, 6 for real (float4out, float8out).
 */
export function floatText(value: number, fixedDigits: 6 | 15): string {
  if (Object.is(value, -0)) return "-0";
  if (!Number.isFinite(value)) return String(value);
  const [mantissa = "", exponentText = "0"] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  if (value === 0) return "0";
  if (exponent < -4 || exponent >= fixedDigits) {
    return `${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  return plainDecimal(`${mantissa}e${exponent}`);
}

/** Debezium's names of the values that Java's BigDecimal lacks (io.debezium.data.SpecialValueDecimal). */
const specialDecimals: Readonly<Record<string, string>> = {
  NAN: "NaN",
  POSITIVE_INFINITY: "Infinity",
  NEGATIVE_INFINITY: "-Infinity",
};

/** A decimal without exponent, digits and scale as PostgreSQL prints them; Java prints some with one (`1E-7`). */
export function plainDecimal(value: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?[eE]([+-]?\d+)$/.exec(value);
  if (match === null) return value;
  const [, sign = "", whole = "", fraction = "", exponentText = "0"] = match;
  const digits = whole + fraction;
  const point = whole.length + Number(exponentText);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return `${sign}${stripZeros(digits + "0".repeat(point - digits.length))}`;
  return `${sign}${stripZeros(digits.slice(0, point))}.${digits.slice(point)}`;
}

function stripZeros(whole: string): string {
  return whole.replace(/^0+(?=\d)/, "");
}

const DAY_MICROS = 86_400_000_000n;
/** What Debezium sends for infinity: the driver's PGStatement.DATE_POSITIVE_INFINITY and its negative, in its units. */
const INFINITE_MICROS = 9_223_372_036_825_200_000n;
/** PostgreSQL's first and last date, 4714-11-24 BC and 5874897-12-31. */
const FIRST_DAY = -2_440_588;
const LAST_DAY = 2_145_042_905;
/** What Debezium 3.7 makes of an infinite date in a snapshot, where it passes through java.sql.Date: measured. */
const SNAPSHOT_INFINITY = -622_191_234;

/** Days since 1970-01-01 as PostgreSQL prints a date; days out of its range stand for the infinite ones. */
export function dateText(days: number): string {
  if (days > LAST_DAY || Math.abs(days - SNAPSHOT_INFINITY) <= 1) return "infinity";
  if (days < FIRST_DAY) return "-infinity";
  const { date, era } = civil(BigInt(days));
  return `${date}${era}`;
}

/** Microseconds since midnight as PostgreSQL prints a time; 24:00:00 is one. */
export function timeText(micros: bigint): string {
  const pad = (value: bigint) => String(value).padStart(2, "0");
  const seconds = micros / 1_000_000n;
  const fraction = String(micros % 1_000_000n)
    .padStart(6, "0")
    .replace(/0+$/, "");
  return `${pad(seconds / 3600n)}:${pad((seconds / 60n) % 60n)}:${pad(seconds % 60n)}${fraction ? `.${fraction}` : ""}`;
}

/** Microseconds since 1970-01-01T00:00 as PostgreSQL prints a timestamp. */
export function timestampText(micros: bigint, zone = ""): string {
  if (micros >= INFINITE_MICROS) return "infinity";
  if (micros <= -INFINITE_MICROS) return "-infinity";
  const days = micros >= 0n ? micros / DAY_MICROS : -((-micros + DAY_MICROS - 1n) / DAY_MICROS);
  const { date, era } = civil(days);
  return `${date} ${timeText(micros - days * DAY_MICROS)}${zone}${era}`;
}

/** Proleptic Gregorian date of a day number (Howard Hinnant, "chrono-compatible low-level date algorithms"). */
function civil(days: bigint): { date: string; era: string } {
  const shifted = days + 719_468n;
  const cycle = (shifted >= 0n ? shifted : shifted - 146_096n) / 146_097n;
  const dayOfCycle = shifted - cycle * 146_097n;
  const yearOfCycle = (dayOfCycle - dayOfCycle / 1460n + dayOfCycle / 36_524n - dayOfCycle / 146_096n) / 365n;
  const dayOfYear = dayOfCycle - (365n * yearOfCycle + yearOfCycle / 4n - yearOfCycle / 100n);
  const shiftedMonth = (5n * dayOfYear + 2n) / 153n;
  const day = dayOfYear - (153n * shiftedMonth + 2n) / 5n + 1n;
  const month = shiftedMonth < 10n ? shiftedMonth + 3n : shiftedMonth - 9n;
  const year = yearOfCycle + cycle * 400n + (month <= 2n ? 1n : 0n);
  const shown = year > 0n ? year : 1n - year;
  const two = (value: bigint) => String(value).padStart(2, "0");
  return { date: `${String(shown).padStart(4, "0")}-${two(month)}-${two(day)}`, era: year > 0n ? "" : " BC" };
}

/**
 * Debezium's ZonedTimestamp (`2026-11-23T23:11:26.873323Z`, astronomical years, `+` before five digits) as PostgreSQL
 * prints a timestamptz in UTC.
 */
export function zonedText(value: string): string {
  if (value === "infinity" || value === "-infinity") return value;
  const match = /^([+-]?\d{4,})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?Z$/.exec(value);
  if (match === null) throw new CodecError("a timestamptz is not of the form 2026-11-23T23:11:26.873323Z");
  const [, yearText = "", month, day, hour, minute, second = "00", fraction = ""] = match;
  const year = Number(yearText);
  if (year > 292_000_000) return "infinity";
  if (year < -290_000_000) return "-infinity";
  const shown = String(year > 0 ? year : 1 - year).padStart(4, "0");
  const trimmed = fraction.replace(/0+$/, "");
  return `${shown}-${month}-${day} ${hour}:${minute}:${second}${trimmed ? `.${trimmed}` : ""}+00${year > 0 ? "" : " BC"}`;
}

/** Microseconds since 1970 of PostgreSQL's text of a timestamp or timestamptz in UTC; null for an infinite one. */
export function microsFromText(value: string): bigint | null {
  const match = /^(\d{4,})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?(?:\+00)?( BC)?$/.exec(value);
  if (match === null) {
    if (value === "infinity" || value === "-infinity") return null;
    throw new CodecError("a timestamp is not as PostgreSQL prints it in UTC");
  }
  const [, yearText, month, day, hour = "0", minute = "0", second = "0", fraction = "", era] = match;
  const year = era ? 1n - BigInt(yearText ?? 0) : BigInt(yearText ?? 0);
  const days = daysFromCivil(year, BigInt(month ?? 0), BigInt(day ?? 0));
  const seconds = BigInt(hour) * 3600n + BigInt(minute) * 60n + BigInt(second);
  return days * DAY_MICROS + seconds * 1_000_000n + BigInt(fraction.padEnd(6, "0"));
}

/** Days since 1970-01-01 of PostgreSQL's text of a date; null for an infinite one. */
export function daysFromText(value: string): bigint | null {
  const micros = microsFromText(value);
  return micros === null ? null : micros / DAY_MICROS;
}

function daysFromCivil(year: bigint, month: bigint, day: bigint): bigint {
  const shifted = month <= 2n ? year - 1n : year;
  const cycle = (shifted >= 0n ? shifted : shifted - 399n) / 400n;
  const yearOfCycle = shifted - cycle * 400n;
  const dayOfYear = (153n * (month > 2n ? month - 3n : month + 9n) + 2n) / 5n + day - 1n;
  return cycle * 146_097n + yearOfCycle * 365n + yearOfCycle / 4n - yearOfCycle / 100n + dayOfYear - 719_468n;
}

/** The key columns' values of a key event, or of a whole row, as one text: a single value as it is, several as JSON. */
export function documentId(table: CatalogTable, row: Row): string {
  const values = table.key.map((name) => row[name]);
  return values.length === 1 ? String(values[0]) : JSON.stringify(values);
}

/** The document's id from the key of Debezium's message. @throws CodecError */
export function documentIdFromKey(table: CatalogTable, key: EventRow): string {
  const row: Record<string, string | null> = {};
  for (const name of table.key) {
    const column = table.columns.find((one) => one.name === name);
    const value = key[name];
    if (column === undefined || value === undefined || value === null) {
      throw new CodecError(`the key lacks column ${table.name}.${name}`);
    }
    row[name] = textFromEvent(`${table.name}.${name}`, column.type, value);
  }
  return documentId(table, row);
}

const MAX_SAFE_DIGITS = 15;

/**
 * A row as Elasticsearch's document: a field for each column that has a value, and the point. Numbers that a double
 * holds exactly are numbers; every other value is its exact text.
 */
export function documentFromRow(table: CatalogTable, row: Row): Record<string, unknown> {
  const document: Record<string, unknown> = {};
  for (const { name, type } of table.columns) {
    const value = row[name];
    if (value !== null && value !== undefined) document[name] = documentValue(type, value);
  }
  const point = table.point && pointValue(row[table.point.latitude], row[table.point.longitude]);
  if (table.point && point) document[table.point.field] = point;
  return document;
}

function documentValue(type: ColumnType, value: string): unknown {
  switch (type) {
    case "smallint":
    case "integer":
    case "bigint":
      return value.length <= MAX_SAFE_DIGITS ? Number(value) : rawNumber(value);
    case "real":
    case "double precision":
      return Number.isFinite(Number(value)) ? rawNumber(value) : value;
    case "boolean":
      return value === "true";
    case "timestamp with time zone":
      return isoText(value);
    case "timestamp without time zone":
      return isoText(value);
    case "bytea":
      return Buffer.from(value.slice(2), "hex").toString("base64");
    default:
      return value;
  }
}

/** `2026-11-23 23:11:26.873323+00` as Elasticsearch's strict_date_optional_time_nanos; what it cannot hold stays text. */
function isoText(value: string): string {
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?(\+00)?$/.test(value)) return value;
  return value.replace(" ", "T").replace("+00", "Z");
}

function pointValue(
  latitude: string | null | undefined,
  longitude: string | null | undefined,
): { lat: number; lon: number } | undefined {
  if (latitude == null || longitude == null) return undefined;
  return { lat: Number(latitude), lon: Number(longitude) };
}
