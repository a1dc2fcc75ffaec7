const pattern =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(?: ?(?:(Z|UTC)|([+-])(\d{2}):?(\d{2})?))?)?$/i;
const MINUTE_MICROS = 60_000_000;

/**
 * Reads `2022-07-31T12:34:56.123456Z`, `2022-07-31 12:34:56+07`, `2022-07-31`; without a zone it is UTC.
 * @returns microseconds since 1970 (finer digits are cut; exact from 1685 to 2254, as doubles are), or undefined where it is no such time
 */
export function parseTimestamp(text: string): number | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [
    ,
    year,
    month,
    day,
    hour = "0",
    minute = "0",
    second = "0",
    fraction = "",
    ,
    sign,
    zoneHour,
    zoneMinute = "0",
  ] = match;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const millis = dateMillis(Number(year), Number(month), Number(day));
  if (millis === undefined) return undefined;
  const local =
    millis * 1000 +
    (Number(hour) * 60 + Number(minute)) * MINUTE_MICROS +
    Number(second) * 1_000_000 +
    Number(fraction.slice(0, 6).padEnd(6, "0"));
  if (zoneHour === undefined) return local;
  if (Number(zoneHour) > 15 || Number(zoneMinute) > 59) return undefined;
  const ahead = (Number(zoneHour) * 60 + Number(zoneMinute)) * MINUTE_MICROS;
  return sign === "-" ? local + ahead : local - ahead;
}

/** Whether this is a day of the calendar, written `YYYY-MM-DD`. */
export function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  return match !== null && dateMillis(Number(match[1]), Number(match[2]), Number(match[3])) !== undefined;
}

/** Microseconds since 1970 as ISO 8601 in UTC with six digits: `2022-07-31T12:34:56.123456Z`. */
export function formatTimestamp(micros: number): string {
  const millis = Math.floor(micros / 1000);
  return `${new Date(millis).toISOString().slice(0, -1)}${String(micros - millis * 1000).padStart(3, "0")}Z`;
}

/** Years 1 to 9999, as both ISO 8601 and PostgreSQL have them. */
function dateMillis(year: number, month: number, day: number): number | undefined {
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > 31) return undefined;
  // Date.UTC takes the years 0 to 99 for 1900 to 1999.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCDate() === day ? date.getTime() : undefined;
}
