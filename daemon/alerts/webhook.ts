import { messageOf, UsageError } from "../../src/errors.ts";
import { type FormatName, formats } from "./formats/format.ts";
import type { Attempt, Notification } from "./notification.ts";
import { judgedAddresses, RefusedAddress, type Resolve, systemResolve } from "./webhook/addresses.ts";
import { attemptOf } from "./webhook/answer.ts";
import { post } from "./webhook/post.ts";
import { secretMistake, signaturesOf } from "./webhook/sign.ts";

const TIMEOUT_MS = 10_000;

export type WebhookOptions = {
  /** The channel's, and Alertmanager's `receiver`. */
  readonly name: string;
  /** http or https; may carry a login, and is a secret: of Slack's, the path is one. */
  readonly url: string;
  readonly format: FormatName;
  /** `whsec_` and base64 of 24 to 64 bytes; several while one is rotated, none to send unsigned. */
  readonly secrets: readonly string[];
  /** Whether addresses that are not public may be sent to. */
  readonly allowPrivate: boolean;
  /** For name, connection and answer together; 10 s by default. */
  readonly timeoutMs?: number;
  /** Certificate authorities (PEM) instead of the system's. */
  readonly ca?: string;
  /** The system's by default. */
  readonly resolve?: Resolve;
};

/**
 * A sender of notifications to one webhook, signed by the Standard Webhooks specification. What goes wrong on the way is
 * an Attempt, never thrown; no reason names more of the address than its host.
 * @throws UsageError when the address or a secret is wrong
 */
export function createWebhook(
  options: WebhookOptions,
): (notification: Notification, signal: AbortSignal) => Promise<Attempt> {
  const url = checkedUrl(options);
  const { timeoutMs = TIMEOUT_MS } = options;
  return async (notification, signal) => {
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      return await attempt(options, url, notification, AbortSignal.any([signal, deadline]));
    } catch (error) {
      if (error instanceof RefusedAddress) return { kind: "refused", reason: error.message };
      const reason = signal.aborted
        ? "stopped before the receiver answered"
        : deadline.aborted
          ? `${url.host} did not answer within ${timeoutMs / 1000} s`
          : `${url.host}: ${messageOf(error)}`;
      return { kind: "retry", reason, afterMs: null };
    }
  };
}

async function attempt(
  options: WebhookOptions,
  url: URL,
  notification: Notification,
  signal: AbortSignal,
): Promise<Attempt> {
  const { allowPrivate, ca, name, resolve = systemResolve, secrets } = options;
  const addresses = await before(signal, judgedAddresses(url.hostname, resolve, allowPrivate));
  const body = formats[options.format](notification, name);
  const at = new Date();
  const headers = {
    "content-type": "application/json",
    "user-agent": "Tidemark",
    "webhook-id": notification.id,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    ...(secrets.length === 0 ? {} : { "webhook-signature": signaturesOf(secrets, notification.id, at, body) }),
  };
  const answer = await post(url, body, { addresses, headers, signal, ...(ca === undefined ? {} : { ca }) });
  return attemptOf(answer, Date.now());
}

/** What a promise gives, unless the signal is aborted first: a look-up of a name cannot be stopped. */
function before<Value>(signal: AbortSignal, promise: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function checkedUrl({ name, secrets, url }: WebhookOptions): URL {
  const parsed = URL.parse(url);
  const mistakes = secrets.flatMap((secret, at) => {
    const mistake = secretMistake(secret);
    return mistake === null ? [] : [`webhook ${name}: secret ${at + 1}: ${mistake}`];
  });
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    mistakes.unshift(`webhook ${name}: expected an http:// or https:// address, came something else`);
  }
  if (parsed === null || mistakes.length > 0) throw new UsageError(mistakes);
  return parsed;
}
