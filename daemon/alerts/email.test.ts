import { afterEach, expect, test } from "bun:test";
import net, { type AddressInfo } from "node:net";
import type { SMTPServerOptions } from "smtp-server";
import { UsageError } from "../../src/errors.ts";
import { emailChannel } from "./channel.ts";
import type { EmailOptions } from "./email.ts";
import type { Notification } from "./notification.ts";
import { makeCertificate } from "./testing/certificate.ts";
import { openMailbox } from "./testing/mailbox.ts";
import { sampleIncident, sampleNotification } from "./testing/samples.ts";

const never = new AbortController().signal;
const tls = makeCertificate("localhost");
const resolvedAtMs = Date.parse("2026-11-24T03:10:16Z");

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

function channelTo(port: number, options: Partial<EmailOptions> = {}) {
  const channel = emailChannel({
    name: "mail",
    host: "localhost",
    port,
    tls: "starttls",
    login: null,
    from: "Tidemark <watch@ops.example>",
    to: ["one@ops.example", "two@ops.example"],
    ca: tls.cert,
    timeoutMs: 2_000,
    ...options,
  });
  closers.unshift(() => channel.close());
  return channel;
}

async function mailbox(options: SMTPServerOptions = {}) {
  const box = await openMailbox({ ...tls, ...options });
  closers.push(box.close);
  return box;
}

/** What a mailbox without TLS gets of some notifications. */
async function mailsOf(...notifications: readonly Notification[]) {
  const { port, mails } = await mailbox({ hideSTARTTLS: true });
  const channel = channelTo(port, { tls: "off" });
  for (const notification of notifications) {
    expect((await channel.send(notification, never)).kind).toBe("delivered");
  }
  return mails;
}

test("a mail arrives over STARTTLS as text and HTML, from and to the right ones", async () => {
  const { port, mails } = await mailbox();
  expect(await channelTo(port).send(sampleNotification(), never)).toEqual({
    kind: "delivered",
    detail: "accepted for 2 of 2 recipients",
  });
  const [mail] = mails;
  expect(mail).toMatchObject({ secure: true, from: "watch@ops.example", to: ["one@ops.example", "two@ops.example"] });
  expect(mail?.headers.get("subject")).toEqual(["[Tidemark] divergence table clicks"]);
  expect(mail?.headers.get("auto-submitted")).toEqual(["auto-generated"]);
  expect(mail?.headers.get("importance")).toEqual(["high"]);
  expect(mail?.headers.get("date")).toEqual(["Tue, 24 Nov 2026 02:58:41 +0000"]);
  expect([...(mail?.headers.keys() ?? [])].filter((name) => name.startsWith("x-"))).toEqual([]);
  expect(mail?.parts.get("text/plain")).toContain("Do: bun run watchdog heal --table clicks --confirm");
  expect(mail?.parts.get("text/html")).toContain(">bun run watchdog heal --table clicks --confirm</pre>");
});

test("implicit TLS works, and one transport sends many", async () => {
  const { port, mails } = await mailbox({ secure: true });
  const channel = channelTo(port, { tls: "implicit" });
  for (const id of ["a", "b"]) expect((await channel.send(sampleNotification({ id }), never)).kind).toBe("delivered");
  expect(mails.map(({ secure }) => secure)).toEqual([true, true]);
});

test("without STARTTLS nothing is sent, unless TLS is turned off", async () => {
  const { port, mails } = await mailbox({ hideSTARTTLS: true, disabledCommands: ["STARTTLS"] });
  expect(await channelTo(port).send(sampleNotification(), never)).toMatchObject({
    kind: "retry",
    reason: expect.stringContaining("STARTTLS"),
  });
  expect(mails).toEqual([]);
  expect((await channelTo(port, { tls: "off" }).send(sampleNotification(), never)).kind).toBe("delivered");
});

test.each(["starttls", "implicit"] as const)("a certificate of nobody known is refused (%s)", async (kind) => {
  const { port, mails } = await mailbox({ secure: kind === "implicit" });
  const channel = channelTo(port, { tls: kind, ca: undefined });
  expect(await channel.send(sampleNotification(), never)).toMatchObject({
    kind: "retry",
    reason: expect.stringMatching(/self.signed/),
  });
  const { port: otherPort, mails: otherMails } = await mailbox({ ...makeCertificate("other.example") });
  expect((await channelTo(otherPort).send(sampleNotification(), never)).kind).toBe("retry");
  expect([...mails, ...otherMails]).toEqual([]);
});

test("a certificate for another name is refused", async () => {
  const other = makeCertificate("other.example");
  const { port, mails } = await mailbox(other);
  expect(await channelTo(port, { ca: other.cert }).send(sampleNotification(), never)).toMatchObject({
    kind: "retry",
    reason: expect.stringContaining("does not match certificate"),
  });
  expect(mails).toEqual([]);
});

test("a login is made, over TLS; a wrong one is retried, and its password is in no reason", async () => {
  const options: SMTPServerOptions = {
    authOptional: false,
    onAuth: ({ username, password }, { secure }, done) => {
      const right = username === "watch" && password === "s3cret" && secure;
      if (right) return done(null, { user: username });
      done(new Error("Invalid username or password"));
    },
  };
  const { port, mails } = await mailbox(options);
  const send = (password: string) =>
    channelTo(port, { login: { user: "watch", password } }).send(sampleNotification(), never);
  expect((await send("s3cret")).kind).toBe("delivered");
  const wrong = await send("wr0ng-pass");
  expect(wrong).toMatchObject({ kind: "retry", reason: expect.stringContaining("535") });
  expect(JSON.stringify(wrong)).not.toContain("wr0ng-pass");
  expect(await channelTo(port).send(sampleNotification(), never)).toMatchObject({ kind: "retry" });
  expect(mails).toHaveLength(1);
});

function reply(code: number): Error {
  return Object.assign(new Error("no"), { responseCode: code });
}

test.each([
  [450, "retry"],
  [550, "refused"],
] as const)("a text answered by %p is %p, and so are recipients", async (code, kind) => {
  const text = await mailbox({
    onData: (stream, _session, done) => {
      stream.resume();
      stream.on("end", () => done(reply(code)));
    },
  });
  expect((await channelTo(text.port).send(sampleNotification(), never)).kind).toBe(kind);
  const recipients = await mailbox({ onRcptTo: (_address, _session, done) => done(reply(code)) });
  expect((await channelTo(recipients.port).send(sampleNotification(), never)).kind).toBe(kind);
});

test("one refused recipient of two does not keep the mail from the other", async () => {
  const { port, mails } = await mailbox({
    onRcptTo: ({ address }, _session, done) => (address.startsWith("one") ? done(reply(550)) : done()),
  });
  expect(await channelTo(port).send(sampleNotification(), never)).toEqual({
    kind: "delivered",
    detail: "accepted for 1 of 2 recipients",
  });
  expect(mails[0]?.to).toEqual(["two@ops.example"]);
});

test("all mails of a group are one thread with one subject, and a retry is the same mail", async () => {
  const resolved = [sampleIncident({ resolvedAtMs, summary: "0 rows differ" })];
  const mails = await mailsOf(
    sampleNotification({ id: "m1" }),
    sampleNotification({ id: "m1" }),
    sampleNotification({ id: "m2", event: "repeat" }),
    sampleNotification({ id: "m3", event: "resolved", incidents: resolved }),
    sampleNotification({ id: "m4", group: "g-2" }),
  );
  const of = (name: string) => mails.map(({ headers }) => headers.get(name)?.join("|") ?? "");
  expect(of("message-id")).toEqual(["m1", "m1", "m2", "m3", "m4"].map((id) => `<${id}@tidemark.ops.example>`));
  const [root, , , , otherRoot] = of("references");
  expect(root).toMatch(/^<group-[0-9a-f]{32}@tidemark\.ops\.example>$/);
  expect(otherRoot).not.toBe(root);
  expect(of("references")).toEqual([root, root, root, root, otherRoot].map(String));
  expect(of("in-reply-to")).toEqual(of("references"));
  const subject = "[Tidemark] divergence table clicks";
  expect(of("subject")).toEqual([subject, subject, `Re: ${subject}`, `Re: ${subject}`, subject]);
  expect(of("importance")).toEqual(["high", "high", "high", "", "high"]);
  expect(mails[3]?.parts.get("text/plain")).toStartWith("Resolved after 12 min 5 s: 0 rows differ");
});

test("nothing of the data becomes a header", async () => {
  const evil = "x\r\nBcc: evil@attacker.example\r\n\r\n<b>body</b>\u2028\u202egnp\0 é 🌊 \ud83d";
  const nasty = sampleIncident({
    kind: evil,
    labels: { [evil]: evil },
    summary: evil,
    remedy: evil,
    facts: { [evil]: evil },
  });
  const mails = await mailsOf(
    sampleNotification({ id: evil, group: evil, incidents: [nasty] }),
    sampleNotification({ id: `${"i".repeat(5_000)}`, event: "resolved", group: evil, incidents: [nasty] }),
  );
  for (const { headers, to } of mails) {
    expect(to).toEqual(["one@ops.example", "two@ops.example"]);
    expect([...headers.keys()].sort()).toEqual(
      [
        "auto-submitted",
        "content-type",
        "date",
        "from",
        ...(headers.has("importance") ? ["importance"] : []),
        "in-reply-to",
        "message-id",
        "mime-version",
        "references",
        "subject",
        "to",
      ].sort(),
    );
    for (const values of headers.values()) {
      expect(values).toHaveLength(1);
      expect(values[0]).toMatch(/^[\x20-\x7e]*$/);
    }
  }
  expect(mails[0]?.headers.get("message-id")?.[0]).toMatch(/^<[0-9a-f]{32}@tidemark\.ops\.example>$/);
});

test("data is escaped in HTML, and left as it is in text", async () => {
  const markup = `<img src=x onerror="alert('1')">&amp;`;
  const incident = sampleIncident({
    summary: markup,
    labels: { [markup]: markup },
    facts: { [markup]: markup },
    remedy: `echo 1 > a\n${markup}`,
    action: markup,
    consequences: [markup],
  });
  const [mail] = await mailsOf(
    sampleNotification({ incidents: [incident, incident], statusUrl: `http://s.example/"><img>` }),
  );
  const html = mail?.parts.get("text/html") ?? "";
  expect(html).not.toContain("<img");
  expect(html).not.toContain("&amp;amp;amp;");
  expect(html.split("&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;amp;").length).toBeGreaterThan(10);
  expect(html).toContain(`href="http://s.example/%22%3E%3Cimg%3E"`);
  expect(mail?.parts.get("text/plain")).toContain(markup);
});

/** How long an attempt at a server takes that does as `speak` has it. */
async function timed(speak: (socket: net.Socket) => void, timeoutMs: number, signal = never) {
  const closed = Promise.withResolvers<void>();
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", () => {});
    socket.on("close", () => closed.resolve());
    speak(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  const startedAt = performance.now();
  const attempt = await channelTo(port, { timeoutMs, tls: "off" }).send(sampleNotification(), signal);
  const ms = performance.now() - startedAt;
  await closed.promise;
  return { attempt, ms, port };
}

test("a server that never greets is left after the time-out", async () => {
  const { attempt, ms } = await timed(() => {}, 200);
  expect(attempt).toMatchObject({ kind: "retry", reason: expect.stringMatching(/Greeting never received|Timeout/) });
  expect(ms).toBeWithin(190, 2_000);
});

test("a server that drips is left at the deadline", async () => {
  const { attempt, ms, port } = await timed((socket) => {
    socket.write("220 here\r\n");
    const timer = setInterval(() => socket.write("250-more\r\n"), 20);
    socket.on("close", () => clearInterval(timer));
  }, 150);
  const reason = `email mail: localhost:${port} did not take the message within 0.45 s`;
  expect(attempt).toEqual({ kind: "retry", reason, afterMs: null });
  expect(ms).toBeWithin(440, 2_500);
});

test("the caller's signal cuts an attempt short; a closed channel sends nothing", async () => {
  const { attempt, ms } = await timed(() => {}, 2_000, AbortSignal.timeout(100));
  expect(attempt.kind).toBe("retry");
  expect(ms).toBeLessThan(1_500);
  const { port, mails } = await mailbox();
  const channel = channelTo(port);
  await channel.close();
  expect((await channel.send(sampleNotification(), never)).kind).toBe("retry");
  expect(mails).toEqual([]);
});

test("a server that is not there is retried", async () => {
  const box = await openMailbox(tls);
  await box.close();
  expect(await channelTo(box.port).send(sampleNotification(), never)).toMatchObject({
    kind: "retry",
    reason: expect.stringContaining("ECONNREFUSED"),
  });
});

test.each([
  ["no recipient", { to: [] }],
  ["a recipient without a host", { to: ["nobody"] }],
  ["two in one", { to: ["a@b.example, c@d.example"] }],
  ["a line end", { to: ["a@b.example\r\nBcc: c@d.example"] }],
  ["a group", { to: ["team: a@b.example;"] }],
  ["a sender without a host", { from: "nobody" }],
])("%s is told at once", (_name, options) => {
  expect(() => channelTo(25, options)).toThrow(UsageError);
});
