import { expect, test } from "bun:test";
import { createTransport, type SendMailOptions } from "nodemailer";
import { createMailer } from "../../daemon/alerts/email.ts";
import { sampleIncident, sampleNotification } from "../../daemon/alerts/testing/samples.ts";
import type { Letter } from "./letter.ts";
import { type Mailbox, openMailbox } from "./mailbox.ts";

const EVIL = `</pre></iframe><script>alert(1)</script><img src=x onerror="alert(2)">`;

async function send(mailbox: Mailbox, mail: SendMailOptions): Promise<void> {
  const transport = createTransport({ host: "127.0.0.1", port: mailbox.smtpPort, ignoreTLS: true });
  try {
    await transport.sendMail({ from: "a@x.example", to: "b@x.example", ...mail });
  } finally {
    transport.close();
  }
}

async function read(mailbox: Mailbox): Promise<readonly Letter[]> {
  const response = await fetch(`${mailbox.url}/api/messages`);
  return ((await response.json()) as { messages: readonly Letter[] }).messages;
}

test("an alert that the watchdog mails can be read: in the list, as text, as HTML, as JSON, and in its thread", async () => {
  await using mailbox = await openMailbox();
  const mailer = createMailer({
    ...{ name: "email", host: "127.0.0.1", port: mailbox.smtpPort, tls: "off", login: null },
    ...{ from: "Tidemark <tidemark@shop.example>", to: ["night@shop.example", "day@shop.example"] },
  });
  const notification = sampleNotification({ incidents: [sampleIncident({ summary: "Zwölf Zeilen fehlen — 12 行" })] });
  const { signal } = new AbortController();
  expect((await mailer.send(notification, signal)).kind).toBe("delivered");
  expect((await mailer.send({ ...notification, id: "msg_2", event: "resolved" }, signal)).kind).toBe("delivered");
  mailer.close();

  const [firing, resolved] = await read(mailbox);
  expect(firing).toMatchObject({
    ...{ id: 1, sender: "tidemark@shop.example", recipients: ["night@shop.example", "day@shop.example"] },
    ...{ from: "Tidemark <tidemark@shop.example>", to: "night@shop.example, day@shop.example" },
    ...{ subject: "[Tidemark] divergence table clicks", attachments: 0 },
  });
  expect(firing?.text).toContain("Zwölf Zeilen fehlen — 12 行");
  expect(resolved?.subject).toBe("Re: [Tidemark] divergence table clicks");
  expect(resolved?.inReplyTo).toBe(firing?.inReplyTo ?? "none");
  expect(firing?.inReplyTo).toMatch(/^<group-.*>$/);

  const list = await (await fetch(`${mailbox.url}/`)).text();
  expect(list.indexOf('href="/messages/2"')).toBeWithin(0, list.indexOf('href="/messages/1"'));
  expect(await (await fetch(`${mailbox.url}/messages/1`)).text()).toContain("Zwölf Zeilen fehlen — 12 行");
  expect(await (await fetch(`${mailbox.url}/messages/1/html`)).text()).toContain("<h2");
}, 20_000);

test("whatever a message holds, pages show it as text, and its HTML in a frame that may run and load nothing", async () => {
  await using mailbox = await openMailbox();
  const attachments = [{ filename: "x.html", content: EVIL }];
  await send(mailbox, {
    subject: EVIL,
    from: { name: EVIL, address: "a@x.example" },
    text: EVIL,
    html: EVIL,
    attachments,
  });
  for (const path of ["/", "/messages/1"]) {
    const response = await fetch(mailbox.url + path);
    const page = await response.text();
    expect(page).not.toContain("<script");
    expect(page).not.toContain("<img");
    expect(page).toContain("&lt;script&gt;");
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("script-src");
    expect(policy).not.toContain("unsafe");
    // The one style that a page has is the one that its policy allows.
    const [, style = ""] = /<style>([^<]*)<\/style>/.exec(page) ?? [];
    expect(policy).toContain(new Bun.CryptoHasher("sha256").update(style).digest("base64"));
  }
  expect(await (await fetch(`${mailbox.url}/messages/1`)).text()).toContain('<iframe sandbox="" ');
  const framed = await fetch(`${mailbox.url}/messages/1/html`);
  expect(framed.headers.get("content-security-policy")).toMatch(/^sandbox; default-src 'none';/);
  expect(framed.headers.get("x-content-type-options")).toBe("nosniff");
  expect(await read(mailbox)).toMatchObject([{ subject: EVIL, attachments: 1 }]);
}, 20_000);

test("only the latest messages are kept, and one that is too large is refused without keeping others out", async () => {
  await using mailbox = await openMailbox(3);
  await expect(send(mailbox, { subject: "large", text: "x".repeat(1_200_000) })).rejects.toThrow("552");
  for (let at = 1; at <= 5; at++) await send(mailbox, { subject: `number ${at}`, text: "." });
  expect((await read(mailbox)).map(({ subject }) => subject)).toEqual(["number 3", "number 4", "number 5"]);
  expect((await fetch(`${mailbox.url}/messages/1`)).status).toBe(404);
}, 20_000);

test("another host's name, another method and another path get nothing", async () => {
  await using mailbox = await openMailbox();
  const rebound = await fetch(`${mailbox.url}/api/messages`, { headers: { host: "evil.example" } });
  expect(rebound.status).toBe(421);
  expect((await fetch(`${mailbox.url}/api/messages`, { method: "DELETE" })).status).toBe(405);
  expect((await fetch(`${mailbox.url}/messages/1/../../etc/passwd`)).status).toBe(404);
}, 20_000);
