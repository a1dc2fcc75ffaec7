import type { Context } from "../context.ts";
import type { Finding } from "../finding.ts";
import { type ChannelState, readChannels } from "../store/channels.ts";
import type { Probe } from "./probe.ts";

/** Channels of alerts that have failed for long, to be told on the others. */
export function channelsProbe(context: Context, names: readonly string[]): Probe {
  return {
    name: "channels",
    kinds: ["channel-failing"],
    look: async () =>
      channelFindings(await readChannels(context.sql, names), Date.now(), context.config.alertChannelMinutes * 60_000),
  };
}

/** Pure. */
export function channelFindings(channels: readonly ChannelState[], nowMs: number, longMs: number): readonly Finding[] {
  return channels.flatMap(({ name, failingSinceMs, disabledAtMs, lastError, waiting, failed }) => {
    const failsLong = failingSinceMs !== null && nowMs - failingSinceMs >= longMs;
    if (disabledAtMs === null && !failsLong) return [];
    return [
      {
        kind: "channel-failing",
        severity: "critical" as const,
        labels: { channel: name },
        summary:
          disabledAtMs === null
            ? `alerts do not get through by ${name}`
            : `the receiver of ${name} wants no more alerts (410 Gone): the channel is off`,
        facts: { waiting, failed_attempts: failed, last_error: lastError },
        remedy: `bun run watchdog test-alert --channel ${name}`,
        ...(disabledAtMs === null ? { action: "keeps the messages, and tries again" } : {}),
      },
    ];
  });
}
