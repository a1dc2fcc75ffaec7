/** A time in ISO 8601, UTC, to the second; "an unknown time" for one that no calendar has. */
export function isoTime(ms: number): string {
  const time = new Date(ms);
  return Number.isNaN(time.getTime()) ? "an unknown time" : time.toISOString().replace(/\.\d+Z$/, "Z");
}

const units = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
  ["s", 1],
] as const;

/** A length of time (ms) by its two largest units: `4 h 12 min`. */
export function durationText(ms: number): string {
  const seconds = Number.isFinite(ms) ? Math.max(0, Math.round(ms / 1000)) : 0;
  const first = units.findIndex(([, size]) => seconds >= size);
  if (first === -1) return "less than 1 s";
  const parts = units.slice(first, first + 2).map(([name, size], at) => {
    const rest = at === 0 ? seconds : seconds % (units[first]?.[1] ?? 1);
    return [Math.floor(rest / size), name] as const;
  });
  return parts
    .filter(([count]) => count > 0)
    .map((part) => part.join(" "))
    .join(" ");
}
