import { type Command, option, toggle } from "../../src/command.ts";
import type { Config, SettingName } from "../../src/config.ts";
import { ExitCode, messageOf, UsageError } from "../../src/errors.ts";
import { createLog, type Log } from "../../src/log.ts";
import { connectPostgres } from "../../src/postgres.ts";
import type { Channel } from "../alerts/channel.ts";
import { openChannels } from "../alerts/channels.ts";
import type { Attempt, Notification } from "../alerts/notification.ts";
import { noteDelivered } from "../store/channels.ts";

/** Settings of the channels. */
export const alertSettings: readonly SettingName[] = [
  "alertEmailTo",
  "alertEmailFrom",
  "smtpHost",
  "smtpPort",
  "smtpTls",
  "smtpUser",
  "smtpPassword",
  "alertWebhookUrl",
  "alertWebhookFormat",
  "alertWebhookSecrets",
  "alertWebhookPrivate",
];

const options = {
  channel: option<string | undefined>("NAME", "only this channel: email or webhook", undefined, (text) => text),
  json: toggle("print what each channel answered as JSON"),
};

export const testAlert: Command<typeof options> = {
  name: "watchdog test-alert",
  summary:
    "Sends a real message on every channel, and prints what each answered; one that was off goes on. Exits with 0 when all took it.",
  options,
  settings: [...alertSettings, "postgresHost", "postgresPort", "postgresDatabase", "postgresWatchdogPassword"],
  run: async ({ config, options, signal }) => {
    const channels = chosen(openChannels(config), options.channel);
    const notification: Notification = {
      id: `msg_${crypto.randomUUID()}`,
      event: "test",
      group: "test",
      incidents: [],
      createdAtMs: Date.now(),
      statusUrl: null,
    };
    const attempts = await Promise.all(
      channels.map(async (channel) => ({ channel: channel.name, ...(await channel.send(notification, signal)) })),
    );
    await Promise.all(channels.map((channel) => channel.close()));
    const delivered = attempts.filter(({ kind }) => kind === "delivered").map(({ channel }) => channel);
    if (delivered.length > 0) await tellDaemon(config, delivered, createLog("watchdog", config));
    console.log(options.json ? JSON.stringify(attempts) : attempts.map(asText).join("\n"));
    return attempts.every(({ kind }) => kind === "delivered") ? ExitCode.done : ExitCode.failure;
  },
};

/** A channel that was off goes on, once it has taken a message; where PostgreSQL is away, that is said and no more. */
async function tellDaemon(config: Config, channels: readonly string[], log: Log): Promise<void> {
  const sql = connectPostgres(config, "watchdog", { connections: 1, program: "tidemark-watchdog-test-alert" });
  try {
    for (const channel of channels) await noteDelivered(sql, channel);
  } catch (error) {
    log.warn("the watchdog could not be told that the channel works", { error: messageOf(error) });
  } finally {
    await sql.end({ timeout: 2 }).catch(() => {});
  }
}

function chosen(channels: readonly Channel[], name: string | undefined): readonly Channel[] {
  if (channels.length === 0) {
    throw new UsageError(["no channel is set: expected ALERT_EMAIL_TO or ALERT_WEBHOOK_URL"]);
  }
  const found = channels.filter((channel) => name === undefined || channel.name === name);
  if (found.length === 0) {
    throw new UsageError([`--channel ${name}: expected one of ${channels.map((channel) => channel.name).join(", ")}`]);
  }
  return found;
}

function asText(attempt: { readonly channel: string } & Attempt): string {
  const what = attempt.kind === "delivered" ? attempt.detail : attempt.reason;
  const words = { delivered: "delivered", retry: "FAILED", refused: "REFUSED", disabled: "DISABLED" };
  return `${attempt.channel.padEnd(10)} ${words[attempt.kind].padEnd(10)} ${what}`;
}
