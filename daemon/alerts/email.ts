import { createTransport } from "nodemailer";
import addressparser from "nodemailer/lib/addressparser";
import { UsageError } from "../../src/errors.ts";
import { mailOf } from "./email/mail.ts";
import { deliveredOf, outcomeOf } from "./email/outcome.ts";
import type { Attempt, Notification } from "./notification.ts";

/** For each of connecting, the greeting and a silence; all of it together may take three times as long. */
const TIMEOUT_MS = 10_000;

export type EmailOptions = {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /**
   * `starttls`: demanded before anything else is said (port 587). `implicit`: TLS from the first byte (port 465). `off`:
   * never, for a mailbox on this machine.
   */
  readonly tls: "starttls" | "implicit" | "off";
  /** Null where the server asks for none. */
  readonly login: { readonly user: string; readonly password: string } | null;
  /** `name@host`, or `Name <name@host>`. */
  readonly from: string;
  readonly to: readonly string[];
  /** 10 s by default, and at most. */
  readonly timeoutMs?: number;
  /** Certificate authorities (PEM) instead of the system's. */
  readonly ca?: string;
};

export type Mailer = {
  /** What goes wrong is an Attempt, never thrown. */
  readonly send: (notification: Notification, signal: AbortSignal) => Promise<Attempt>;
  readonly close: () => void;
};

/**
 * A sender of notifications by SMTP to one list of recipients. Certificates are verified against the server's name.
 * @throws UsageError when an address is wrong, or there is no recipient
 */
export function createMailer(options: EmailOptions): Mailer {
  const { host, login, name, port, tls } = options;
  const mistakes = addressMistakes(options);
  if (mistakes.length > 0) throw new UsageError(mistakes);
  const timeoutMs = Math.min(TIMEOUT_MS, options.timeoutMs ?? TIMEOUT_MS);
  const transport = createTransport({
    host,
    port,
    secure: tls === "implicit",
    requireTLS: tls === "starttls",
    ignoreTLS: tls === "off",
    tls: { rejectUnauthorized: true, ...(options.ca === undefined ? {} : { ca: options.ca }) },
    ...(login === null ? {} : { auth: { user: login.user, pass: login.password } }),
    connectionTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
  });
  const send = async (notification: Notification, signal: AbortSignal): Promise<Attempt> => {
    // A server that drips would never be silent for long enough.
    const deadline = AbortSignal.timeout(3 * timeoutMs);
    try {
      const mail = mailOf(notification, options);
      return deliveredOf(await transport.sendMail({ ...mail, signal: AbortSignal.any([signal, deadline]) }));
    } catch (error) {
      if (!deadline.aborted) return outcomeOf(error);
      const reason = `email ${name}: ${host}:${port} did not take the message within ${(3 * timeoutMs) / 1000} s`;
      return { kind: "retry", reason, afterMs: null };
    }
  };
  return { send, close: () => transport.close() };
}

/** Each address is taken apart as nodemailer does it, so that none turns out to be several, or a group. */
function addressMistakes({ from, name, to }: EmailOptions): readonly string[] {
  const wrong = [from, ...to].filter((text) => {
    const [one, ...others] = addressparser(text);
    return others.length > 0 || !/^[^\s@<>]+@[^\s@<>]+$/.test(one?.address ?? "") || /[\r\n]/.test(text);
  });
  return [
    ...wrong.map((text) => `email ${name}: expected name@host or Name <name@host>, came ${JSON.stringify(text)}`),
    ...(to.length === 0 ? [`email ${name}: expected one recipient at least, came none`] : []),
  ];
}
