import { isDate, parseTimestamp } from "./timestamp.ts";

/** What the text of a CSV field may be. */
export type FieldKind = "text" | "integer" | "bigint" | "numeric" | "double" | "timestamp" | "date";

const bounds = {
  integer: [-2147483648n, 2147483647n],
  bigint: [-9223372036854775808n, 9223372036854775807n],
} as const;

/**
 * A field as text for PostgreSQL; null for an empty one. Integers may come as pandas writes them (`16285.0`).
 * @throws Error that says what was expected; never the value
 */
export function convertField(kind: FieldKind, value: string): string | null {
  if (value === "") return null;
  switch (kind) {
    case "text":
      return value;
    case "integer":
    case "bigint": {
      const whole = /^([+-]?\d{1,19})(?:\.0*)?$/.exec(value)?.[1];
      if (whole === undefined) throw new Error("expected a whole number");
      const [least, most] = bounds[kind];
      const number = BigInt(whole);
      if (number < least || number > most) throw new Error(`out of range for ${kind}`);
      return number.toString();
    }
    case "numeric":
      if (!/^[+-]?(\d{1,500}(\.\d{0,500})?|\.\d{1,500})([eE][+-]?\d{1,3})?$/.test(value))
        throw new Error("expected a number");
      return value;
    case "double":
      if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,5})?$/.test(value)) throw new Error("expected a number");
      if (!fitsDouble(value)) throw new Error("out of range for double precision");
      return value;
    case "timestamp":
      if (parseTimestamp(value) === undefined) throw new Error("expected a time (YYYY-MM-DDTHH:MM:SS)");
      return value;
    case "date":
      if (!isDate(value)) throw new Error("expected a day of the calendar (YYYY-MM-DD)");
      return value;
  }
}

/** PostgreSQL refuses what would become infinite, or 0 without being 0. */
function fitsDouble(value: string): boolean {
  const number = Number(value);
  return Number.isFinite(number) && (number !== 0 || !/[1-9]/.test(value.replace(/[eE].*/, "")));
}
