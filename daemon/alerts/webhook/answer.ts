import type { Attempt } from "../notification.ts";
import type { Answer } from "./post.ts";

const MAX_RETRY_AFTER_MS = 3_600_000;

/**
 * What a receiver's answer means, by the Standard Webhooks specification ("Delivery success and failure"): 2xx alone is
 * success, 410 turns the channel off, all else is tried again. Pure.
 */
export function attemptOf(answer: Answer, nowMs: number): Attempt {
  const { status } = answer;
  const reason = `HTTP ${status}${wordOf(answer.text)}`;
  if (status >= 200 && status < 300) return { kind: "delivered", detail: `HTTP ${status}` };
  if (status === 410) {
    return {
      kind: "disabled",
      reason: "HTTP 410: the receiver wants no more messages; remove the channel, or its 410",
    };
  }
  const afterMs = retryAfterMs(answer.retryAfter, nowMs);
  if (status >= 300 && status < 400) {
    const hint = "redirects are not followed; set the channel's address to where it leads";
    return { kind: "retry", reason: `HTTP ${status}: ${hint}`, afterMs };
  }
  return { kind: "retry", reason, afterMs };
}

/** Milliseconds that Retry-After asks for, in seconds or as a date (RFC 9110, 10.2.3), an hour at most; null for none. */
export function retryAfterMs(header: string | null, nowMs: number): number | null {
  const text = header?.trim() ?? "";
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isNaN(ms) ? null : Math.min(MAX_RETRY_AFTER_MS, Math.max(0, ms));
}

/** An error code such as Slack's `invalid_blocks`. Other bodies may hold anything, even the address with its secret. */
function wordOf(text: string): string {
  return /^[a-z_]{3,40}$/.test(text.trim()) ? `: ${text.trim()}` : "";
}
