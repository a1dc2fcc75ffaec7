import type { Random } from "./random.ts";

export const DAY_MICROS = 86_400_000_000;
const HOUR_MICROS = DAY_MICROS / 24;

/** The last day of every data set, and its most active one: a Sunday. */
const lastDay = Date.UTC(2022, 6, 31) * 1000;

/** How busy the hours of a day are, midnight first (UTC; the shop's customers are seven hours ahead). */
const hours = [7, 7, 8, 9, 10, 11, 12, 13, 14, 13, 12, 11, 12, 13, 11, 8, 5, 3, 2, 2, 2, 3, 4, 6];
const hourChoices = hours.map((weight, hour) => [hour, weight] as const);

/**
 * When a session of this length starts, in microseconds since 1970. The last day gets twice a usual day's sessions, and
 * a session never outlasts it.
 */
export function sessionStart(random: Random, days: number, durationMicros: number): number {
  const back = random.next() < 2 / (days + 1) ? 0 : random.integer(1, Math.max(1, days - 1));
  const dayStart = lastDay - (days === 1 ? 0 : back) * DAY_MICROS;
  const latest = DAY_MICROS - 1 - durationMicros;
  const start = Math.floor((random.weighted(hourChoices) + random.next()) * HOUR_MICROS);
  return dayStart + (start <= latest ? start : Math.floor(random.next() * latest));
}

/** Microseconds since 1970 as ISO 8601 in UTC, with all six digits. */
export function isoMicros(micros: number): string {
  const millis = Math.floor(micros / 1000);
  return `${new Date(millis).toISOString().slice(0, -1)}${String(micros - millis * 1000).padStart(3, "0")}Z`;
}
