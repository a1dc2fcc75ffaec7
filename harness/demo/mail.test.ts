import { expect, test } from "bun:test";
import { openChannels } from "../../daemon/alerts/channels.ts";
import { sampleNotification } from "../../daemon/alerts/testing/samples.ts";
import { resolveConfig } from "../../src/config.ts";
import { openMailbox } from "../mailbox/mailbox.ts";
import { hasOwnMail, mailingTo } from "./mail.ts";

test("the demo's alerts reach its mailbox", async () => {
  await using mailbox = await openMailbox();
  const [channel] = openChannels(mailingTo(resolveConfig({}, {}), mailbox));
  expect(await channel?.send(sampleNotification(), new AbortController().signal)).toMatchObject({ kind: "delivered" });
  channel?.close();
  expect(mailbox.letters()).toMatchObject([{ recipients: ["you@tidemark.example"] }]);
}, 10_000);

test.each([
  [{}, false],
  [{ ALERT_WEBHOOK_URL: "https://hooks.shop.example/x" }, false],
  [{ ALERT_EMAIL_TO: "night@shop.example" }, true],
  [{ SMTP_HOST: "mail.shop.example" }, true],
  [{ SMTP_PORT: "2525" }, true],
])("settings of one's own for mail are left alone: %j, %p", (env, own) => {
  expect(hasOwnMail(resolveConfig({}, env))).toBe(own);
});
