import { sleep } from "../src/sleep.ts";

/**
 * Asks until the answer is neither undefined nor false, at most `timeoutMs` long.
 * @throws Error that says what it waited for and what it saw last
 */
export async function poll<T>(
  what: string,
  timeoutMs: number,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  lastSeen: () => string = () => "",
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let failure: unknown;
  for (;;) {
    try {
      const answer = await ask();
      failure = undefined;
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      failure = error;
    }
    if (Date.now() > deadline) {
      throw new Error(`waited ${timeoutMs / 1000} s for ${what}. ${lastSeen()}`.trim(), { cause: failure });
    }
    await sleep(100);
  }
}
