/** An answer is kept so many times as long as it took: whoever asks how often, the work stays a twentieth of the time. */
const TIMES = 20;
const LONGEST_MS = 15_000;

/**
 * Shares one answer, or failure, among all who ask while it is read and for `keepMs` afterwards; an answer that took long
 * to read for longer, 15 s at most.
 * @param times as long as it took to read, an answer is kept at least
 */
export function cached<Value>(
  read: () => Promise<Value>,
  keepMs: number,
  now: () => number = () => performance.now(),
  times = TIMES,
): () => Promise<Value> {
  let answer: Promise<Value> | undefined;
  let staleAtMs = Number.POSITIVE_INFINITY;
  return () => {
    if (answer !== undefined && now() < staleAtMs) return answer;
    const begunAtMs = now();
    staleAtMs = Number.POSITIVE_INFINITY;
    answer = read();
    answer.then(
      () => {
        const tookMs = now() - begunAtMs;
        staleAtMs = now() + Math.max(keepMs, Math.min(LONGEST_MS, times * tookMs));
      },
      () => {
        staleAtMs = now() + keepMs;
      },
    );
    return answer;
  };
}
