/** What span of event time the page shows: a span up to now, or one between two times (ms). */
export type Range = { readonly lastMs: number } | { readonly fromMs: number; readonly toMs: number };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const SPANS: readonly { readonly text: string; readonly name: string; readonly lastMs: number }[] = [
  { text: "15 min", name: "15m", lastMs: 15 * MINUTE },
  { text: "1 h", name: "1h", lastMs: HOUR },
  { text: "6 h", name: "6h", lastMs: 6 * HOUR },
  { text: "24 h", name: "24h", lastMs: DAY },
  { text: "7 d", name: "7d", lastMs: 7 * DAY },
  { text: "30 d", name: "30d", lastMs: 30 * DAY },
];

export const DEFAULT_RANGE: Range = { lastMs: HOUR };

/** Both ends as the API takes them. */
export function boundsOf(range: Range, nowMs: number): { readonly from: string; readonly to: string } {
  const [fromMs, toMs] = "lastMs" in range ? [nowMs - range.lastMs, nowMs] : [range.fromMs, range.toMs];
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}

/** A range as the address bar keeps it: `6h`, or two times. */
export function writeRange(range: Range): string {
  if ("lastMs" in range) return SPANS.find(({ lastMs }) => lastMs === range.lastMs)?.name ?? "1h";
  return `${new Date(range.fromMs).toISOString()}~${new Date(range.toMs).toISOString()}`;
}

/** Reads what `writeRange` wrote; the default where it is anything else. */
export function readRange(text: string | null): Range {
  const span = SPANS.find(({ name }) => name === text);
  if (span) return { lastMs: span.lastMs };
  const [fromMs = Number.NaN, toMs = Number.NaN] = (text ?? "").split("~").map((part) => Date.parse(part));
  return fromMs < toMs ? { fromMs, toMs } : DEFAULT_RANGE;
}
