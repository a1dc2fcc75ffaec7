import type { Config } from "../../src/config.ts";
import { UsageError } from "../../src/errors.ts";
import type { Incident } from "./incidents/incident.ts";
import { type Matcher, matches, parseMatchers } from "./incidents/matcher.ts";

/** Which faults a channel tells of. */
export type Route = { readonly channel: string; readonly matchers: readonly Matcher[] };

/** Incidents that are told by the same channels. */
export type Share = { readonly channels: readonly string[]; readonly incidents: readonly Incident[] };

/** The routes of these channels. @throws UsageError where a setting is no list of matchers */
export function routesOf(
  config: Pick<Config, "alertEmailRoute" | "alertWebhookRoute">,
  channels: readonly string[],
): readonly Route[] {
  const texts: Readonly<Record<string, readonly [string, string]>> = {
    email: ["ALERT_EMAIL_ROUTE", config.alertEmailRoute],
    webhook: ["ALERT_WEBHOOK_ROUTE", config.alertWebhookRoute],
  };
  return channels.map((channel) => {
    const [setting, text] = texts[channel] ?? ["", ""];
    try {
      return { channel, matchers: parseMatchers(text) };
    } catch (error) {
      throw new UsageError([`${setting}: ${(error as Error).message}`]);
    }
  });
}

/** Shares incidents out among channels; that a channel fails is not told by itself. Pure. */
export function shareOut(incidents: readonly Incident[], routes: readonly Route[]): readonly Share[] {
  const shares = new Map<string, { channels: string[]; incidents: readonly Incident[] }>();
  for (const { channel, matchers } of routes) {
    const own = incidents.filter(
      (incident) =>
        matches(matchers, incident) && !(incident.kind === "channel-failing" && incident.labels.channel === channel),
    );
    if (own.length === 0) continue;
    const key = own.map(({ fingerprint }) => fingerprint).join("\n");
    const share = shares.get(key) ?? { channels: [], incidents: own };
    share.channels.push(channel);
    shares.set(key, share);
  }
  return [...shares.values()];
}
