/** How fast a replay runs: so many times faster than it happened, or as fast as it can. */
export type Speed = number | "max";

/** When events are due; pure. The first event is due at once. */
export class Pace {
  private startMs: number | undefined;
  private firstEventMs = 0;

  constructor(private readonly speed: Speed) {}

  /** Milliseconds of the clock `nowMs` at which an event is due. */
  dueMs(eventMs: number, nowMs: number): number {
    if (this.speed === "max" || eventMs === Number.NEGATIVE_INFINITY) return nowMs;
    if (this.startMs === undefined) {
      this.startMs = nowMs;
      this.firstEventMs = eventMs;
    }
    return this.startMs + (eventMs - this.firstEventMs) / this.speed;
  }
}

/** `--speed`: a number above 0, or max. @throws Error */
export function parseSpeed(text: string): Speed {
  if (text === "max") return text;
  const speed = Number(text);
  if (!(speed > 0 && Number.isFinite(speed))) throw new Error("expected a number above 0, or max");
  return speed;
}
