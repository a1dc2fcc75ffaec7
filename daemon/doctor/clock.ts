import { about, type Check } from "./check.ts";

/** How far a server's clock is ahead of this machine's, and how exactly that is known. */
export type Skew = { readonly aheadMs: number; readonly uncertainMs: number };

/** Figures of latency, and the end of the recent window, are wrong by as much. */
const WARN_MS = 2_000;
/** Heals expire by the sinks' clocks 10 minutes after the watchdog's; beyond seconds, clocks are not kept at all. */
const FAIL_MS = 30_000;

/**
 * Reads a server's clock; `tickMs` where it only tells whole ticks.
 * @param ask milliseconds since 1970
 */
export async function measureSkew(ask: () => Promise<number>, tickMs = 0): Promise<Skew> {
  const sentAt = Date.now();
  const theirs = await ask();
  const receivedAt = Date.now();
  return {
    aheadMs: theirs + tickMs / 2 - (sentAt + receivedAt) / 2,
    uncertainMs: (receivedAt - sentAt + tickMs) / 2,
  };
}

/** Whether a server's clock agrees with this machine's, as far as that is known; pure. */
export function judgeClock(server: string, skew: Skew): Check {
  const { aheadMs, uncertainMs } = skew;
  const clock = about("clock", `within ${WARN_MS / 1000} s of this machine's`, { server });
  const seconds = (Math.abs(aheadMs) / 1000).toFixed(1);
  const found = `${seconds} s ${aheadMs < 0 ? "behind" : "ahead"}`;
  const surelyOffMs = Math.abs(aheadMs) - uncertainMs;
  if (surelyOffMs > FAIL_MS) return clock.fail(found, "chronyc makestep, on the machine whose clock is wrong");
  if (surelyOffMs > WARN_MS) return clock.warn(found, "chronyc tracking, on both machines");
  return clock.ok(found);
}
