import { microsFromText } from "../../src/row-codec.ts";

/** Milliseconds since 1970 as PostgreSQL takes a timestamptz; null (rows outside of all buckets) is its -infinity. */
export function timestampOf(ms: number | null): string {
  return ms === null ? "-infinity" : new Date(ms).toISOString();
}

/** Milliseconds since 1970 of PostgreSQL's text of a timestamptz; null for an infinite one. */
export function msOfTimestamp(text: string): number | null {
  const micros = microsFromText(text);
  return micros === null ? null : Number(micros / 1000n);
}
