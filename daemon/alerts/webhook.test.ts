import { afterEach, expect, test } from "bun:test";
import http from "node:http";
import https from "node:https";
import net, { type AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { UsageError } from "../../src/errors.ts";
import { webhookChannel } from "./channel.ts";
import { makeCertificate } from "./testing/certificate.ts";
import { sampleNotification } from "./testing/samples.ts";
import type { WebhookOptions } from "./webhook.ts";

const oldSecret = `whsec_${Buffer.alloc(24, 1).toString("base64")}`;
const newSecret = `whsec_${Buffer.alloc(32, 2).toString("base64")}`;
const never = new AbortController().signal;

type Received = { readonly url: string; readonly headers: Record<string, string>; readonly body: string };

const servers: (() => void)[] = [];
afterEach(() => {
  for (const stop of servers.splice(0)) stop();
});

/** A receiver on loopback; `answer` gets each request once its body is read. */
async function receiver(
  answer: http.RequestListener,
  options: { host?: string; port?: number; tls?: https.ServerOptions } = {},
): Promise<{ port: number; received: Received[] }> {
  const received: Received[] = [];
  const listener: http.RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      received.push({ url: request.url ?? "", headers, body: Buffer.concat(chunks).toString() });
      answer(request, response);
    });
  };
  const server = options.tls === undefined ? http.createServer(listener) : https.createServer(options.tls, listener);
  const port = await listen(server, options.port, options.host);
  return { port, received };
}

async function listen(server: net.Server, port = 0, host = "127.0.0.1"): Promise<number> {
  const sockets = new Set<net.Socket>();
  server.on("connection", (socket: net.Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
  });
  servers.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, host, resolve));
  return (server.address() as AddressInfo).port;
}

function channelTo(url: string, options: Partial<WebhookOptions> = {}) {
  return webhookChannel({
    name: "hook",
    url,
    format: "tidemark",
    secrets: [newSecret],
    allowPrivate: true,
    ...options,
  });
}

const ok: http.RequestListener = (_request, response) => response.writeHead(204).end();
const at = (address: string) => async () => [{ address, family: 4 }];

test("a message arrives whole, and a receiver with either secret can verify it", async () => {
  const { port, received } = await receiver(ok);
  const channel = channelTo(`http://127.0.0.1:${port}/hooks?team=a`, { secrets: [newSecret, oldSecret] });
  const notification = sampleNotification();
  const before = Math.floor(Date.now() / 1000);
  expect(await channel.send(notification, never)).toEqual({ kind: "delivered", detail: "HTTP 204" });
  const [{ url, headers, body } = { url: "", headers: {}, body: "" }] = received;
  expect(url).toBe("/hooks?team=a");
  expect(headers).toMatchObject({ "content-type": "application/json", "webhook-id": notification.id });
  expect(Number(headers["webhook-timestamp"])).toBeWithin(before, before + 5);
  for (const secret of [newSecret, oldSecret]) {
    expect(new Webhook(secret).verify(body, headers)).toMatchObject({ type: "incident.firing" });
  }
  expect(() => new Webhook(`whsec_${Buffer.alloc(32, 3).toString("base64")}`).verify(body, headers)).toThrow();
  expect(() => new Webhook(newSecret).verify(`${body} `, headers)).toThrow();
});

test("a retry has the same id", async () => {
  let times = 0;
  const { port, received } = await receiver((_request, response) =>
    response.writeHead(times++ === 0 ? 500 : 200).end(),
  );
  const channel = channelTo(`http://127.0.0.1:${port}/`);
  expect(await channel.send(sampleNotification(), never)).toEqual({ kind: "retry", reason: "HTTP 500", afterMs: null });
  expect((await channel.send(sampleNotification(), never)).kind).toBe("delivered");
  expect(received.map(({ headers }) => headers["webhook-id"])).toEqual(["msg_2026", "msg_2026"]);
});

test("without secrets it is not signed; a login goes into a header", async () => {
  const { port, received } = await receiver(ok);
  const channel = channelTo(`http://me:pass%20word@127.0.0.1:${port}/`, { secrets: [], format: "slack" });
  await channel.send(sampleNotification(), never);
  expect(received[0]?.headers["webhook-signature"]).toBeUndefined();
  expect(received[0]?.headers.authorization).toBe(`Basic ${btoa("me:pass word")}`);
});

test("a redirect is not followed", async () => {
  const target = await receiver(ok);
  const { port } = await receiver((_request, response) =>
    response.writeHead(307, { location: `http://127.0.0.1:${target.port}/` }).end(),
  );
  const reason = "HTTP 307: redirects are not followed; set the channel's address to where it leads";
  expect(await channelTo(`http://127.0.0.1:${port}/`).send(sampleNotification(), never)).toEqual({
    kind: "retry",
    reason,
    afterMs: null,
  });
  expect(target.received).toEqual([]);
});

test("410 turns the channel off; 429 and 503 say when to come again", async () => {
  const answers = [
    { status: 410, headers: {} },
    { status: 429, headers: { "retry-after": "7" } },
    { status: 503, headers: { "retry-after": new Date(Date.now() + 90_000).toUTCString() } },
  ];
  const { port } = await receiver((_request, response) => {
    const { status, headers } = answers.shift() ?? { status: 200, headers: {} };
    response.writeHead(status, headers).end();
  });
  const channel = channelTo(`http://127.0.0.1:${port}/`);
  expect((await channel.send(sampleNotification(), never)).kind).toBe("disabled");
  expect(await channel.send(sampleNotification(), never)).toEqual({
    kind: "retry",
    reason: "HTTP 429",
    afterMs: 7_000,
  });
  const busy = await channel.send(sampleNotification(), never);
  expect(busy.kind === "retry" ? busy.afterMs : null).toBeWithin(80_000, 90_001);
});

test("a private address is refused before anything is sent, by literal and by name", async () => {
  const { port, received } = await receiver(ok);
  const options = { allowPrivate: false };
  const literal = await channelTo(`http://127.0.0.1:${port}/secret-path`, options).send(sampleNotification(), never);
  expect(literal.kind).toBe("refused");
  expect(JSON.stringify(literal)).not.toContain("secret-path");
  for (const host of ["[::1]", "[::ffff:127.0.0.1]", "localhost", "0x7f000001"]) {
    expect((await channelTo(`http://${host}:${port}/`, options).send(sampleNotification(), never)).kind).toBe(
      "refused",
    );
  }
  const named = channelTo(`http://hooks.example:${port}/`, { ...options, resolve: at("10.0.0.7") });
  expect(await named.send(sampleNotification(), never)).toMatchObject({
    kind: "refused",
    reason: expect.stringContaining("hooks.example is at 10.0.0.7 (private)"),
  });
  expect(received).toEqual([]);
});

/** Linux answers on all of 127.0.0.0/8, macOS on 127.0.0.1 alone. */
const onLinux = test.skipIf(process.platform !== "linux");

onLinux(
  "the connection goes to the address that was judged, each time, whatever the name means elsewhere",
  async () => {
    const judged = await receiver(ok, { host: "127.0.0.2" });
    const elsewhere = await receiver(ok, { host: "127.0.0.1", port: judged.port });
    const later = await receiver(ok, { host: "127.0.0.3", port: judged.port });
    // To the system, localhost is 127.0.0.1; from the second answer on, it has moved (DNS rebinding).
    const answers = ["127.0.0.2", "127.0.0.3"];
    let asked = 0;
    const resolve = async () => [{ address: answers[asked++] ?? "127.0.0.1", family: 4 }];
    const channel = channelTo(`http://localhost:${judged.port}/`, { resolve });
    expect((await channel.send(sampleNotification(), never)).kind).toBe("delivered");
    expect(asked).toBe(1);
    expect([judged, elsewhere, later].map(({ received }) => received.length)).toEqual([1, 0, 0]);
    expect(judged.received[0]?.headers.host).toBe(`localhost:${judged.port}`);
    // No connection is kept, so the next message goes where the name was judged to be then.
    expect((await channel.send(sampleNotification(), never)).kind).toBe("delivered");
    expect([judged, elsewhere, later].map(({ received }) => received.length)).toEqual([1, 0, 1]);
  },
);

onLinux("of several judged addresses, one that does not answer is passed over", async () => {
  const { port } = await receiver(ok, { host: "127.0.0.2" });
  const resolve = async () => ["127.0.0.9", "127.0.0.2"].map((address) => ({ address, family: 4 }));
  expect((await channelTo(`http://hooks.example:${port}/`, { resolve }).send(sampleNotification(), never)).kind).toBe(
    "delivered",
  );
});

test("certificates are verified against the name, though the connection goes to an address", async () => {
  const { key, cert } = makeCertificate("hooks.example");
  const { port, received } = await receiver(ok, { tls: { key, cert } });
  const resolve = at("127.0.0.1");
  const send = (url: string, ca?: string) =>
    channelTo(url, { resolve, ...(ca === undefined ? {} : { ca }) }).send(sampleNotification(), never);
  expect((await send(`https://hooks.example:${port}/`, cert)).kind).toBe("delivered");
  expect(received[0]?.headers.host).toBe(`hooks.example:${port}`);
  expect(await send(`https://other.example:${port}/`, cert)).toMatchObject({
    kind: "retry",
    reason: expect.stringContaining("does not match certificate"),
  });
  expect(await send(`https://hooks.example:${port}/`)).toMatchObject({
    kind: "retry",
    reason: expect.stringMatching(/self.signed/),
  });
  expect(received).toHaveLength(1);
});

/** How long the attempt took, and what came of it. */
async function timed(options: Partial<WebhookOptions>, url: string, signal = never) {
  const startedAt = performance.now();
  const attempt = await channelTo(url, options).send(sampleNotification(), signal);
  return { attempt, ms: performance.now() - startedAt };
}

/** A server that only speaks as `speak` has it; counts the connections that the other side closed. */
async function rawServer(speak: (socket: net.Socket) => void) {
  const closed = Promise.withResolvers<void>();
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.on("close", () => closed.resolve());
    socket.on("data", () => {});
    speak(socket);
  });
  return { port: await listen(server), closed: closed.promise };
}

function drip(socket: net.Socket, text: string) {
  let sent = 0;
  const timer = setInterval(() => socket.write(text[sent++ % text.length] ?? ""), 20);
  socket.on("close", () => clearInterval(timer));
}

test.each([
  ["never answers", "http", () => {}],
  ["never finishes the handshake", "https", () => {}],
  ["drips its head", "http", (socket: net.Socket) => drip(socket, `HTTP/1.1 200 OK\r\nx-filler: ${"a".repeat(9_999)}`)],
])("a receiver that %s is cut off at the deadline", async (_name, scheme, speak) => {
  const { port, closed } = await rawServer(speak);
  const { attempt, ms } = await timed({ timeoutMs: 300 }, `${scheme}://127.0.0.1:${port}/s3cret`);
  expect(attempt).toEqual({ kind: "retry", reason: `127.0.0.1:${port} did not answer within 0.3 s`, afterMs: null });
  expect(ms).toBeWithin(290, 1_500);
  await closed;
});

test("an answer whose body drips counts by its status, and is cut off at the deadline", async () => {
  const { port, closed } = await rawServer((socket) => {
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n");
    drip(socket, "a");
  });
  const { attempt, ms } = await timed({ timeoutMs: 300 }, `http://127.0.0.1:${port}/`);
  expect(attempt.kind).toBe("delivered");
  expect(ms).toBeWithin(290, 1_500);
  await closed;
});

test("an answer of 100 MB is cut off after the first 64 KiB", async () => {
  const chunk = Buffer.alloc(1_000_000, "a");
  let written = 0;
  const cut = Promise.withResolvers<void>();
  const { port } = await receiver((_request, response) => {
    response.writeHead(500);
    response.on("close", () => cut.resolve());
    const more = () => {
      while (written < 100_000_000 && !response.destroyed) {
        written += chunk.length;
        if (!response.write(chunk)) return void response.once("drain", more);
      }
      response.end();
    };
    more();
  });
  const { attempt, ms } = await timed({}, `http://127.0.0.1:${port}/`);
  expect(attempt).toEqual({ kind: "retry", reason: "HTTP 500", afterMs: null });
  expect(ms).toBeLessThan(3_000);
  await cut.promise;
  expect(written).toBeLessThan(50_000_000);
});

test("a receiver that closes without an answer, one that is not there, and a name that is nowhere are retried", async () => {
  const { port } = await rawServer((socket) => socket.end());
  expect((await timed({}, `http://127.0.0.1:${port}/`)).attempt.kind).toBe("retry");
  for (const stop of servers.splice(0)) stop();
  expect((await timed({}, `http://127.0.0.1:${port}/s3cret`)).attempt).toMatchObject({
    kind: "retry",
    reason: expect.stringMatching(/^127\.0\.0\.1:\d+: .*ECONNREFUSED/),
  });
  const { attempt } = await timed({}, "http://nowhere.invalid/s3cret");
  expect(attempt.kind).toBe("retry");
  expect(JSON.stringify(attempt)).not.toContain("s3cret");
});

test("a name that is never resolved ends with the deadline", async () => {
  const { attempt, ms } = await timed({ timeoutMs: 200, resolve: () => new Promise(() => {}) }, "http://slow.example/");
  expect(attempt).toMatchObject({ kind: "retry", reason: "slow.example did not answer within 0.2 s" });
  expect(ms).toBeLessThan(1_000);
});

test("the caller's signal and close() cut an attempt short", async () => {
  const { port } = await rawServer(() => {});
  const stopped = { kind: "retry", reason: "stopped before the receiver answered", afterMs: null } as const;
  const { attempt, ms } = await timed({}, `http://127.0.0.1:${port}/`, AbortSignal.timeout(100));
  expect(attempt).toEqual(stopped);
  expect(ms).toBeLessThan(2_000);
  const channel = channelTo(`http://127.0.0.1:${port}/`);
  const sending = channel.send(sampleNotification(), never);
  await channel.close();
  expect(await sending).toEqual(stopped);
  expect(await channel.send(sampleNotification(), never)).toEqual(stopped);
});

test("a wrong address or secret is told at once, and not told in full", () => {
  const make = () => channelTo("ftp://hooks.example/s3cret", { secrets: ["whsec_s3cret"] });
  expect(make).toThrow(UsageError);
  expect(make).toThrow("webhook hook: expected an http:// or https:// address");
  expect(make).not.toThrow("s3cret");
  expect(() => channelTo("not an address")).toThrow(UsageError);
});
