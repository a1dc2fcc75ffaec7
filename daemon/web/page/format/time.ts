const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const UNITS = [
  [DAY, "d"],
  [HOUR, "h"],
  [MINUTE, "min"],
  [SECOND, "s"],
] as const;

const day = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", timeZone: "UTC" });

/** A time of day in UTC, as everywhere in Tidemark: `12:31:07`; with the day before it where that is not `nowMs`'s. */
export function clockText(ms: number, nowMs: number, seconds = true): string {
  const iso = new Date(ms).toISOString();
  const clock = iso.slice(11, seconds ? 19 : 16);
  return iso.slice(0, 10) === new Date(nowMs).toISOString().slice(0, 10) ? clock : `${day.format(ms)}, ${clock}`;
}

/** A length of time as people say it, by its largest unit, and the second where that is less than ten: `4 h 12 min`. */
export function durationText(ms: number): string {
  if (ms < SECOND) return "less than 1 s";
  const at = UNITS.findIndex(([size]) => ms >= size);
  const [size, name] = UNITS[at] ?? UNITS[UNITS.length - 1]!;
  const count = Math.floor(ms / size);
  const next = UNITS[at + 1];
  const rest = next === undefined || count >= 10 ? 0 : Math.floor((ms % size) / next[0]);
  return rest === 0 || next === undefined ? `${count} ${name}` : `${count} ${name} ${rest} ${next[1]}`;
}

/** How long ago: `2 s ago`, `now`. */
export function ageText(ms: number, nowMs: number): string {
  const age = nowMs - ms;
  return age < SECOND ? "now" : `${durationText(age)} ago`;
}

/** Milliseconds shown as they are where short: `340 ms`, `1.2 s`. */
export function waitText(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  return ms < MINUTE ? `${(ms / SECOND).toFixed(1)} s` : durationText(ms);
}

/** The exact time: ISO 8601 in UTC. */
export function exactText(ms: number): string {
  return new Date(ms).toISOString();
}
