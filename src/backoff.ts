const BASE_MS = 100;
const CAP_MS = 5_000;

/** Full jitter: a random wait up to twice the last bound, 5 s at most ("Exponential Backoff And Jitter", AWS 2015). */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  return Math.ceil(random() * Math.min(CAP_MS, BASE_MS * 2 ** Math.min(attempt, 16)));
}
