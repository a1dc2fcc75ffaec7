import { expect, test } from "bun:test";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { openMailbox } from "../alerts/testing/mailbox.ts";

const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

async function run(env: Record<string, string>, ...args: string[]) {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "../main.ts"), "test-alert", ...args], {
    env: { PATH: process.env.PATH ?? "", ...env },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [output, messages] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { code: await child.exited, output, messages };
}

test("a real message goes out on every channel, signed, and what each answered is told", async () => {
  const mailbox = await openMailbox();
  const bodies: unknown[] = [];
  let status = 204;
  using receiver = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      const headers = Object.fromEntries(request.headers);
      bodies.push(new Webhook(secret).verify(await request.text(), headers));
      return new Response(null, { status });
    },
  });
  const env = {
    ALERT_EMAIL_TO: "night@shop.example, day@shop.example",
    SMTP_PORT: String(mailbox.port),
    SMTP_TLS: "off",
    ALERT_WEBHOOK_URL: `http://127.0.0.1:${receiver.port}/secret-path`,
    ALERT_WEBHOOK_SECRETS: secret,
    ALERT_WEBHOOK_PRIVATE: "allow",
  };
  const both = await run(env, "--json");
  expect(JSON.parse(both.output)).toMatchObject([
    { channel: "email", kind: "delivered" },
    { channel: "webhook", kind: "delivered" },
  ]);
  expect(both.code).toBe(0);
  expect(mailbox.mails).toHaveLength(1);
  expect(mailbox.mails[0]?.to).toEqual(["night@shop.example", "day@shop.example"]);
  expect(bodies).toHaveLength(1);

  status = 500;
  const ill = await run(env, "--channel", "webhook");
  expect(ill.output).toMatch(/^webhook +FAILED .*500/);
  expect(ill.code).toBe(1);
  expect(mailbox.mails).toHaveLength(1);
  const refused = await run({ ...env, ALERT_WEBHOOK_PRIVATE: "refuse" }, "--channel", "webhook");
  expect(refused.output).toMatch(/^webhook +REFUSED /);
  expect(bodies).toHaveLength(2);
  for (const { output, messages } of [both, ill, refused]) expect(output + messages).not.toContain("secret-path");
  await mailbox.close();
}, 30_000);

test("no channel, or one of another name, is a mistake of usage", async () => {
  expect(await run({})).toMatchObject({ code: 2, messages: expect.stringContaining("ALERT_EMAIL_TO") });
  const named = await run({ ALERT_EMAIL_TO: "night@shop.example" }, "--channel", "pager");
  expect(named).toMatchObject({ code: 2, messages: expect.stringContaining("expected one of email") });
}, 30_000);
