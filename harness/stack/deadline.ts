/**
 * Calls `attempt` until it returns, and rethrows what it last threw once the deadline has passed.
 * `giveUp` tells an error that no waiting mends.
 */
export async function retryUntil<T>(
  attempt: () => Promise<T>,
  options: {
    timeoutMs: number;
    intervalMs?: number;
    giveUp?: (error: unknown) => boolean;
    now?: () => number;
    sleep?: (ms: number) => Promise<void>;
  },
): Promise<T> {
  const { timeoutMs, intervalMs = 100, giveUp = () => false, now = performance.now.bind(performance) } = options;
  const sleep = options.sleep ?? Bun.sleep;
  const deadline = now() + timeoutMs;
  while (true) {
    try {
      return await attempt();
    } catch (error) {
      if (giveUp(error) || now() + intervalMs > deadline) throw error;
    }
    await sleep(intervalMs);
  }
}

/** Polls a condition; false when it did not hold within the time allowed. */
export async function waitFor(condition: () => boolean, timeoutMs: number, intervalMs = 25): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) return false;
    await Bun.sleep(intervalMs);
  }
  return true;
}
