import { messageOf } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";

const TIMEOUT_MS = 10_000;

/**
 * Calls the address by which an outside service notices a dead watchdog; nothing where none is set. A call that fails is
 * logged, by the address's host only.
 */
export async function pingDeadMan(url: string, log: Log, signal: AbortSignal): Promise<void> {
  if (url === "" || signal.aborted) return;
  const host = URL.parse(url)?.host ?? "DEAD_MAN_URL";
  try {
    const answer = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) });
    await answer.body?.cancel();
    if (!answer.ok) log.warn("the dead-man's address did not take the call", { host, status: answer.status });
  } catch (error) {
    if (!signal.aborted) log.warn("the dead-man's address did not answer", { host, error: messageOf(error) });
  }
}
