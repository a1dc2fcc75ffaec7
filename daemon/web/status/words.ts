/** A count with thin separators: 29,426. Pure. */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** A count with its noun: 1 row, 29,426 rows. Pure. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** A duration as people say it, in its largest units: 2 s, 4 min 5 s, 3 h 12 min, 2 d. Pure. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [minutes, hours, days] = [seconds / 60, seconds / 3_600, seconds / 86_400].map(Math.floor) as [
    number,
    number,
    number,
  ];
  const joined = (large: string, rest: number, unit: string) => (rest === 0 ? large : `${large} ${rest} ${unit}`);
  if (minutes < 1) return `${seconds} s`;
  if (minutes < 10) return joined(`${minutes} min`, seconds % 60, "s");
  if (hours < 1) return `${minutes} min`;
  if (days < 1) return joined(`${hours} h`, minutes % 60, "min");
  return joined(`${days} d`, hours % 24, "h");
}

/** The clock, in UTC; with its date where that is not today's. Pure. */
export function clock(ms: number, nowMs: number): string {
  const [text, now] = [new Date(ms).toISOString(), new Date(nowMs).toISOString()];
  const time = text.slice(11, 19);
  return text.slice(0, 10) === now.slice(0, 10) ? time : `${text.slice(0, 10)} ${time}`;
}

/** From one minute to another: `14:02-14:03`, or one of them where they are the same. Pure. */
export function minutes(fromMs: number, toMs: number, nowMs: number): string {
  const [from, to] = [clock(fromMs, nowMs).slice(0, -3), clock(toMs, nowMs).slice(0, -3)];
  return from === to ? from : `${from}-${to}`;
}

/** A text as a sentence's end: without a full stop of its own. Pure. */
export function clause(text: string): string {
  return text.trim().replace(/[.\s]+$/, "");
}
