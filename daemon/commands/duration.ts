const UNITS = [
  ["w", 7 * 86_400_000],
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
] as const;
const SHAPE = new RegExp(`^${UNITS.map(([unit]) => `(?:(\\d{1,9})${unit})?`).join("")}$`);
const MAX_MS = 366 * 86_400_000;

/** Milliseconds of a length of time as Prometheus writes it: `30m`, `2h`, `1d12h`. @throws Error that says what was expected */
export function parseDuration(text: string): number {
  const counts = SHAPE.exec(text)?.slice(1) ?? [];
  const ms = UNITS.reduce((sum, [, size], at) => sum + Number(counts[at] ?? 0) * size, 0);
  if (ms === 0 || ms > MAX_MS) throw new Error("expected a length of time such as 30m, 2h or 1d12h, a year at most");
  return ms;
}
