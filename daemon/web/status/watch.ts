import { messageOf } from "../../../src/errors.ts";
import { inTime } from "../../in-time.ts";
import { cached } from "../cached.ts";
import type { Away } from "./truth.ts";

/** A server that does not answer within this time counts as away; what it said last still stands. */
const DEADLINE_MS = 5_000;
/** What is shown waits for no server longer than this. */
const PATIENCE_MS = 700;
/** A question that hangs is asked anew after this. */
const GIVE_UP_MS = 10_000;
/** An answer is kept so many times as long as it took: most of that time was spent waiting. */
const TIMES = 2;

/**
 * Asks one server for one thing, as often as it is looked at and seldom enough to cost it little, and remembers the last
 * answer and since when there is none.
 */
export class Watch<Value> {
  value: Value | undefined;
  away: Away | null = null;
  private readonly ask: () => Promise<void>;
  private answeredAtMs = Number.NEGATIVE_INFINITY;

  /**
   * @param keepMs an answer is good for so long
   * @param times and for so many times as long as it took
   */
  constructor(read: () => Promise<Value>, keepMs: number, times = TIMES) {
    this.ask = cached(
      async () => {
        const reading = inTime(GIVE_UP_MS, read());
        const late = setTimeout(() => this.failed(`no answer within ${DEADLINE_MS / 1000} s`), DEADLINE_MS);
        try {
          this.value = await reading;
          this.answeredAtMs = performance.now();
          this.away = null;
        } catch (error) {
          this.failed(messageOf(error));
        } finally {
          clearTimeout(late);
        }
      },
      keepMs,
      undefined,
      times,
    );
  }

  /**
   * Looks, and returns as soon as there is something to show: what was known a moment ago will do, and where the server is
   * away what was known at all; what is old is waited for.
   */
  async look(): Promise<void> {
    const looking = this.ask();
    const isOld = this.away === null && performance.now() - this.answeredAtMs > DEADLINE_MS;
    await inTime(isOld ? DEADLINE_MS : PATIENCE_MS, looking).catch(() => {});
  }

  private failed(reason: string): void {
    this.away ??= { sinceMs: Date.now(), reason: reason.slice(0, 300) };
  }
}
