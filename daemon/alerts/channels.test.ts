import { expect, test } from "bun:test";
import { resolveConfig } from "../../src/config.ts";
import { channelNames, openChannels } from "./channels.ts";

test.each([
  [{}, []],
  [{ "alert-email-to": "on-call@example.com" }, ["email"]],
  [{ "alert-email-to": " , " }, []],
  [{ "alert-webhook-url": "https://example.com/hook" }, ["webhook"]],
  [
    { "alert-email-to": "a@example.com,b@example.com", "alert-webhook-url": "https://example.com/hook" },
    ["email", "webhook"],
  ],
])("%j sets the channels %j, and those are opened", async (flags, names) => {
  const config = resolveConfig(flags, {});
  expect(channelNames(config)).toEqual(names);
  const channels = openChannels(config);
  expect(channels.map(({ name }) => name)).toEqual(names);
  await Promise.all(channels.map((channel) => channel.close()));
});
