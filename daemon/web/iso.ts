import { msOfTimestamp } from "../store/time.ts";

/** PostgreSQL's text of a timestamptz as ISO 8601; null for none and for an infinite one. */
export function isoOf(text: string | null): string | null {
  const ms = text === null ? null : msOfTimestamp(text);
  return ms === null ? null : new Date(ms).toISOString();
}
