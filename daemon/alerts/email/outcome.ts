import { messageOf } from "../../../src/errors.ts";
import type { Attempt } from "../notification.ts";
import { oneLine } from "../text.ts";

/** Replies that are about who sends, or over which connection, and not about the message (RFC 4954, 6; RFC 3207, 4). */
const ABOUT_THE_SENDER = new Set([530, 534, 535, 538]);
/** What nodemailer calls the replies to the message: to its sender and recipients, and to its text. */
const ABOUT_THE_MESSAGE = new Set(["EENVELOPE", "EMESSAGE"]);

/** The part of nodemailer's result that says who gets the message. */
export type Accepted = { readonly accepted: readonly unknown[]; readonly rejected: readonly unknown[] };

/** A message that the server took, for some recipients at least; pure. */
export function deliveredOf({ accepted, rejected }: Accepted): Attempt {
  const all = accepted.length + rejected.length;
  return { kind: "delivered", detail: `accepted for ${accepted.length} of ${all} recipients` };
}

/**
 * What an error of nodemailer's means; pure. Only a permanent reply (5xx) to the message itself is final: a wrong password
 * or certificate can be mended while the message waits.
 */
export function outcomeOf(error: unknown): Attempt {
  const { code, permanent, responseCode } = partsOf(error);
  const reason = oneLine(messageOf(error), 300);
  const final = permanent ?? (responseCode === undefined && code !== undefined);
  if (code !== undefined && ABOUT_THE_MESSAGE.has(code) && final && !ABOUT_THE_SENDER.has(responseCode ?? 0)) {
    return { kind: "refused", reason };
  }
  return { kind: "retry", reason, afterMs: null };
}

type Parts = { readonly code?: string; readonly permanent?: boolean; readonly responseCode?: number };

function partsOf(error: unknown): Parts {
  if (!(error instanceof Error)) return {};
  const { code, permanent, responseCode }: Error & { code?: unknown; permanent?: unknown; responseCode?: unknown } =
    error;
  return {
    ...(typeof code === "string" ? { code } : {}),
    ...(typeof permanent === "boolean" ? { permanent } : {}),
    ...(typeof responseCode === "number" ? { responseCode } : {}),
  };
}
