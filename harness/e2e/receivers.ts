import { Webhook } from "standardwebhooks";
import { openMailbox } from "../../daemon/alerts/testing/mailbox.ts";
import type { Config } from "../../src/config.ts";
import { poll } from "../poll.ts";
import { neverLogged } from "./logs.ts";

/** A message as one channel got it. */
export type Told = {
  readonly channel: "email" | "webhook";
  readonly event: "firing" | "repeat" | "resolved";
  /** What it tells of, sorted. */
  readonly kinds: readonly string[];
  /** Stable over retries: webhook-id, and Message-ID. */
  readonly id: string;
  readonly text: string;
  readonly atMs: number;
};

/** How the webhook's receiver answers; `never` holds the connection open. */
export type Answer = { readonly status: number; readonly headers?: Record<string, string> } | "never";

/** A real SMTP server and a real HTTP receiver that checks every signature with the specification's own package. */
export type Receivers = AsyncDisposable & {
  /** Settings by which a watchdog sends to both. */
  readonly settings: Partial<Config>;
  /** All that was accepted, in the order in which it came. */
  readonly told: readonly Told[];
  /** Of every request to the webhook, also those that were not accepted: its id. */
  readonly attempts: readonly string[];
  /** Requests whose signature does not hold. */
  readonly forged: readonly string[];
  answer(next: Answer): void;
  /** Stops taking mail, as a server that is down. */
  closeMailbox(): Promise<void>;
  openMailbox(): Promise<void>;
  /** Waits until both channels, or one, have told of an event; returns the messages. */
  until(
    event: Told["event"],
    kind: string,
    timeoutMs: number,
    channels?: readonly Told["channel"][],
  ): Promise<readonly Told[]>;
};

export async function openReceivers(): Promise<Receivers> {
  const secret = neverLogged(`whsec_${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")}`);
  const path = neverLogged(`hook-${crypto.randomUUID()}`);
  const webhookTold: Told[] = [];
  const mailTold: Told[] = [];
  const attempts: string[] = [];
  const forged: string[] = [];
  let next: Answer = { status: 204 };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 60,
    fetch: async (request) => {
      const text = await request.text();
      const id = request.headers.get("webhook-id") ?? "";
      attempts.push(id);
      const answer = next;
      if (answer === "never") return new Promise<Response>(() => {});
      try {
        new Webhook(secret).verify(text, Object.fromEntries(request.headers));
      } catch (error) {
        forged.push(String(error));
      }
      if (answer.status < 300) webhookTold.push(toldByWebhook(id, text));
      return new Response(null, answer);
    },
  });
  let mailbox = await openMailbox();
  const { port } = mailbox;
  /** Mails are taken apart when they are asked for. */
  const collect = () => {
    for (const mail of mailbox.mails.splice(0)) {
      const text = mail.parts.get("text/plain") ?? "";
      const kinds = [...text.matchAll(/^Incident: (?:\d+, )?([a-z-]+)/gm)].map((match) => match[1] ?? "");
      const event = /^Resolved/.test(text) ? "resolved" : /^Still/.test(text) ? "repeat" : "firing";
      const id = mail.headers.get("message-id")?.[0] ?? "";
      mailTold.push({ channel: "email", event, kinds: kinds.sort(), id, text, atMs: Date.now() });
    }
  };
  const told = () => {
    collect();
    return [...mailTold, ...webhookTold].sort((one, other) => one.atMs - other.atMs);
  };
  return {
    settings: {
      alertEmailTo: "night@shop.example",
      smtpHost: "127.0.0.1",
      smtpPort: port,
      smtpTls: "off",
      alertWebhookUrl: `http://127.0.0.1:${server.port}/${path}`,
      alertWebhookSecrets: secret,
      alertWebhookPrivate: "allow",
      alertGroupSeconds: 3,
    },
    get told() {
      return told();
    },
    attempts,
    forged,
    answer: (answer) => {
      next = answer;
    },
    async closeMailbox() {
      collect();
      await mailbox.close();
    },
    async openMailbox() {
      mailbox = await openMailbox({}, port);
    },
    async until(event, kind, timeoutMs, channels = ["email", "webhook"]) {
      const found = () => told().filter((one) => one.event === event && one.kinds.includes(kind));
      await poll(
        `${channels.join(" and ")} to tell that ${kind} is ${event}`,
        timeoutMs,
        async () => channels.every((channel) => found().some((one) => one.channel === channel)),
        () => JSON.stringify(told().map((one) => [one.channel, one.event, ...one.kinds])),
      );
      return found();
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([server.stop(true), mailbox.close()]);
    },
  };
}

function toldByWebhook(id: string, text: string): Told {
  const body = JSON.parse(text) as { type: string; data: { incidents: { kind: string }[] } };
  return {
    channel: "webhook",
    event: body.type.replace("incident.", "") as Told["event"],
    kinds: body.data.incidents.map(({ kind }) => kind).sort(),
    id,
    text,
    atMs: Date.now(),
  };
}
