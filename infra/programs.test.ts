import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { complaintOf } from "./health.ts";
import { importObjects } from "./kibana/import.ts";

const received: { path: string; header: string | null; file: string }[] = [];
let answer: { status: number; body: string } = { status: 200, body: "" };

/** Answers as a program of ours, or as Kibana, would; it keeps what it was sent. */
const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  routes: { "/readyz": () => new Response("no word of Kafka", { status: answer.status }) },
  fetch: async (request) => {
    const { pathname, search } = new URL(request.url);
    const file = (await request.formData()).get("file");
    const text = file instanceof Blob ? await file.text() : "";
    received.push({ path: pathname + search, header: request.headers.get("kbn-xsrf"), file: text });
    return new Response(answer.body, { status: answer.status });
  },
});

const url = `http://127.0.0.1:${server.port}`;
const folder = mkdtempSync(join(tmpdir(), "tidemark-kibana-"));
const file = join(folder, "objects.ndjson");
afterAll(async () => {
  await server.stop(true);
  rmSync(folder, { recursive: true });
});
writeFileSync(file, '{"type":"dashboard","id":"one"}\n');

test("a container is healthy when its program says that it is ready, and else says what was heard", async () => {
  answer = { status: 200, body: "" };
  expect(await complaintOf(String(server.port))).toBe("");
  answer = { status: 503, body: "" };
  expect(await complaintOf(String(server.port))).toContain("503 no word of Kafka");
  expect(await complaintOf("1")).toContain("port 1: ");
});

test("saved objects are sent as Kibana takes them, over those that are there", async () => {
  answer = { status: 200, body: '{"success":true,"successCount":1}' };
  expect(await importObjects(url, file)).toBe(1);
  expect(received.at(-1)).toEqual({
    path: "/api/saved_objects/_import?overwrite=true",
    header: "true",
    file: '{"type":"dashboard","id":"one"}\n',
  });
});

test("an import that Kibana answers with 200 and errors inside has failed, and says on what", async () => {
  const errors = [{ type: "dashboard", id: "one", error: { type: "missing_references" } }];
  answer = { status: 200, body: JSON.stringify({ success: false, successCount: 0, errors }) };
  await expect(importObjects(url, file)).rejects.toThrow("refused dashboard one (missing_references)");
  answer = { status: 503, body: "Kibana server is not ready yet" };
  await expect(importObjects(url, file)).rejects.toThrow("got 503 Kibana server is not ready yet");
});
