import { Webhook } from "standardwebhooks";

/**
 * The value of `webhook-signature`: one signature for each secret, so that receivers take both while a secret is rotated
 * (Standard Webhooks, "Webhook headers"). Empty without secrets.
 * @param at the time of the attempt, which `webhook-timestamp` says in seconds
 */
export function signaturesOf(secrets: readonly string[], id: string, at: Date, body: string): string {
  return secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(" ");
}

/** What is wrong with a signing secret, without the secret; null where nothing is. Lengths are the specification's. */
export function secretMistake(secret: string): string | null {
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  if (encoded === undefined) return "expected whsec_ followed by base64, came something else";
  const bytes = Buffer.from(encoded, "base64").length;
  if (encoded.length % 4 !== 0) return "expected base64 in groups of four after whsec_, came an incomplete one";
  return bytes < 24 || bytes > 64 ? `expected 24 to 64 bytes of base64 after whsec_, came ${bytes}` : null;
}
