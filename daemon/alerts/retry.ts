const FIRST_MS = 1_000;
const CAP_MS = 300_000;

/**
 * When the next attempt is due, in milliseconds since 1970: exponential back-off with equal jitter (half of the bound is
 * certain, half random: "Exponential Backoff And Jitter", AWS 2015), from 1 s to 5 min, and never before what the
 * receiver's Retry-After asked for. Pure.
 * @param failures attempts that failed so far, at least 1
 * @param afterMs the last attempt's `afterMs`
 */
export function nextAttemptAtMs(
  failures: number,
  nowMs: number,
  afterMs: number | null,
  random: () => number = Math.random,
): number {
  const bound = Math.min(CAP_MS, FIRST_MS * 2 ** (failures - 1));
  return Math.ceil(nowMs + Math.max(bound / 2 + (random() * bound) / 2, afterMs ?? 0));
}
