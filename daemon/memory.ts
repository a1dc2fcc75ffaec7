const LOOK_MS = 300;
/** At most so often, for a collection takes some 20 ms. */
const PAUSE_MS = 60;
/** Above this much the collector is told to run: what is alive is far less. */
const HIGH_BYTES = 100 * 1_048_576;

let collectedAtMs = 0;

/**
 * Runs the collector where the process has become large. Left to itself Bun collects so late that a stream of messages
 * takes several times what is alive (measured: 240 MB instead of 130 while 300,000 messages are read, at the same speed).
 */
export function collectIfLarge(): void {
  if (performance.now() - collectedAtMs < PAUSE_MS || process.memoryUsage.rss() < HIGH_BYTES) return;
  Bun.gc(true);
  collectedAtMs = performance.now();
}

/** Looks again and again until the signal. */
export function keepMemoryLow(signal: AbortSignal): void {
  const timer = setInterval(collectIfLarge, LOOK_MS);
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
}
