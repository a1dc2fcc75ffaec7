import { createMailer, type EmailOptions } from "./email.ts";
import type { Attempt, Notification } from "./notification.ts";
import { createWebhook, type WebhookOptions } from "./webhook.ts";

/** A way to people. */
export type Channel = {
  readonly name: string;
  /** One attempt, of bounded length; what goes wrong is its result, never thrown. The signal cuts it short. */
  send(notification: Notification, signal: AbortSignal): Promise<Attempt>;
  /** Ends what is under way; nothing is sent afterwards. */
  close(): Promise<void>;
};

/** A channel to one webhook. @throws UsageError when its address or a secret is wrong */
export function webhookChannel(options: WebhookOptions): Channel {
  return channelOf(options.name, createWebhook(options), () => {});
}

/** A channel by SMTP to one list of recipients. @throws UsageError when an address is wrong */
export function emailChannel(options: EmailOptions): Channel {
  const mailer = createMailer(options);
  return channelOf(options.name, mailer.send, mailer.close);
}

function channelOf(name: string, send: Channel["send"], close: () => void): Channel {
  const closing = new AbortController();
  return {
    name,
    send: (notification, signal) => send(notification, AbortSignal.any([signal, closing.signal])),
    close: async () => {
      closing.abort();
      close();
    },
  };
}
