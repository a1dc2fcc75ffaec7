import { expect, test } from "bun:test";
import { connect } from "node:net";
import { poll } from "../../harness/poll.ts";
import type { Status } from "./api.ts";
import { Events } from "./events.ts";

/** A status of which only the sentence matters. */
function status(sentence: string): Status {
  return {
    at: new Date().toISOString(),
    sentence,
    verdict: "exact",
    exactUpTo: null,
    revision: 1,
    stages: [],
    tables: [],
    incidents: { firing: 0, pending: 0 },
    leading: true,
  };
}

/** Serves events; `text` reads a client's stream until it holds what is looked for. */
function serve(events: Events) {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch: () => new Response(events.open() ?? null, { status: 200 }),
  });
  const open = async () => {
    const stop = new AbortController();
    const { body } = await fetch(server.url, { signal: stop.signal });
    const reader = (body as ReadableStream<Uint8Array<ArrayBuffer>>).getReader();
    let text = "";
    return {
      async until(wanted: string) {
        while (!text.includes(wanted)) {
          const { done, value } = await reader.read();
          if (done) throw new Error(`the stream ended before ${wanted}: ${text.slice(-500)}`);
          text += new TextDecoder().decode(value);
        }
        return text;
      },
      leave: () => stop.abort(),
    };
  };
  return { open, server };
}

test("the status is read once for all who listen, and not at all while nobody does", async () => {
  let reads = 0;
  const events = new Events(async () => status(`read ${++reads}`), { tickMs: 50, beatMs: 15_000, slowMs: 30_000 });
  const { open, server } = serve(events);
  await Bun.sleep(120);
  expect(reads).toBe(0);
  const pages = await Promise.all(Array.from({ length: 20 }, open));
  const texts = await Promise.all(pages.map((page) => page.until("read 3")));
  expect(reads).toBeLessThan(8);
  for (const text of texts) {
    expect(text).toStartWith("retry: 2000\n\nevent: status\nid: ");
    const [data = ""] = /data: (.*)$/m.exec(text)?.slice(1) ?? [];
    expect(JSON.parse(data)).toMatchObject({ verdict: "exact", incidents: { firing: 0 } });
  }
  for (const page of pages) page.leave();
  await poll("the pages to be forgotten", 5_000, () => events.size === 0);
  const before = reads;
  await Bun.sleep(200);
  expect(reads).toBeLessThanOrEqual(before + 1);
  events.close();
  await server.stop(true);
});

test("what did not change is not sent again; a heartbeat keeps the line open", async () => {
  const events = new Events(async () => status("the same"), { tickMs: 20, beatMs: 200, slowMs: 30_000 });
  const { open, server } = serve(events);
  const page = await open();
  const text = await page.until(": still here\n\n: still here\n\n");
  expect(text.match(/event: status/g)).toHaveLength(1);
  events.close();
  await expect(page.until("more")).rejects.toThrow("the stream ended");
  expect(events.open()).toBeUndefined();
  await server.stop(true);
});

test("a page that takes nothing is dropped, and keeps nobody waiting", async () => {
  let reads = 0;
  const big = "x".repeat(300_000);
  const events = new Events(async () => status(`${++reads} ${big}`), { tickMs: 50, beatMs: 15_000, slowMs: 3_000 });
  const { server } = serve(events);
  const slow = connect(server.port ?? 0, "127.0.0.1", () => slow.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  slow.on("error", () => {});
  slow.pause();
  await poll("the slow page to be there", 5_000, () => events.size === 1);
  const stop = new AbortController();
  const { body } = await fetch(server.url, { signal: stop.signal });
  let bytes = 0;
  const reading = (async () => {
    for await (const chunk of body as ReadableStream<Uint8Array>) bytes += chunk.length;
  })().catch(() => {});
  await poll("the slow page to be dropped", 20_000, () => reads > 20 && events.size === 1);
  const before = bytes;
  expect(before).toBeGreaterThan(3_000_000);
  await poll("the other page to get more", 5_000, () => bytes > before + 600_000);
  stop.abort();
  await reading;
  slow.destroy();
  events.close();
  await server.stop(true);
}, 40_000);
