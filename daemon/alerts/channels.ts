import type { Config } from "../../src/config.ts";
import { type Channel, emailChannel, webhookChannel } from "./channel.ts";

type ChannelSettings = Pick<
  Config,
  | "alertEmailTo"
  | "alertEmailFrom"
  | "smtpHost"
  | "smtpPort"
  | "smtpTls"
  | "smtpUser"
  | "smtpPassword"
  | "alertWebhookUrl"
  | "alertWebhookFormat"
  | "alertWebhookSecrets"
  | "alertWebhookPrivate"
>;

/** The channels that are set: email where there are recipients, a webhook where there is an address. @throws UsageError */
export function openChannels(config: ChannelSettings): readonly Channel[] {
  const channels: Channel[] = [];
  const to = listOf(config.alertEmailTo);
  if (to.length > 0) {
    channels.push(
      emailChannel({
        name: "email",
        host: config.smtpHost,
        port: config.smtpPort,
        tls: config.smtpTls,
        login: config.smtpUser === "" ? null : { user: config.smtpUser, password: config.smtpPassword },
        from: config.alertEmailFrom,
        to,
      }),
    );
  }
  if (config.alertWebhookUrl !== "") {
    channels.push(
      webhookChannel({
        name: "webhook",
        url: config.alertWebhookUrl,
        format: config.alertWebhookFormat,
        secrets: listOf(config.alertWebhookSecrets),
        allowPrivate: config.alertWebhookPrivate === "allow",
      }),
    );
  }
  return channels;
}

/** The names of the channels that are set. */
export function channelNames(config: Pick<Config, "alertEmailTo" | "alertWebhookUrl">): readonly string[] {
  return [
    ...(listOf(config.alertEmailTo).length > 0 ? ["email"] : []),
    ...(config.alertWebhookUrl === "" ? [] : ["webhook"]),
  ];
}

function listOf(text: string): readonly string[] {
  return text
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
}
