import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { Validator } from "@seriousme/openapi-schema-validator";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { BucketEvidence, Buckets, Dashboard, Incidents, Silences, Status } from "../../daemon/web/api.ts";
import { startWeb } from "../../daemon/web/server.ts";
import { silentLog } from "../../src/log.ts";
import { createPipeline, type Pipeline } from "../pipeline.ts";
import { poll } from "../poll.ts";
import { waitUntilVerified } from "./claims.ts";
import { type Daemon, peakMegabytes, startDaemon } from "./daemon.ts";
import { STACK_TIMEOUT_MS, startProgram, testEndpoints, testStack } from "./fixture.ts";
import { neverLogged } from "./logs.ts";
import { openPage, type Page, untilSeen } from "./page.ts";
import { deleteDocuments } from "./tamper.ts";

const TIMEOUT_MS = 120_000;
const PAGES = 200;
/** More differences than these wait for a person. */
const HELD_ROWS = 20;

let pipeline: Pipeline;
let daemon: Daemon;
let page: Page;

beforeAll(async () => {
  pipeline = await createPipeline(await testEndpoints());
  await pipeline.startSink();
  await pipeline.sql`
    INSERT INTO clicks (session_id, event_name, traffic_source, search_keywords)
    SELECT 's' || n, 'SEARCH', 'MOBILE', CASE n % 2 WHEN 0 THEN '<img src=x onerror=alert(1)>' ELSE 'dress' END
    FROM generate_series(1, 100) n`;
  await pipeline.sql`
    INSERT INTO transactions (booking_id, customer_id, product_id, quantity, payment_method, total_amount,
      shipment_location_lat, shipment_location_long)
    SELECT 'b' || n, n % 5, n, 2, 'Gopay', 10.5, -7.5, 112 FROM generate_series(1, 20) n`;
  neverLogged(pipeline.config.watchdogToken);
  daemon = startDaemon(pipeline.config, { healMaxRows: HELD_ROWS });
  page = await openPage(daemon, pipeline.config);
  await waitUntilVerified(pipeline, 60_000);
}, STACK_TIMEOUT_MS);

afterAll(async () => {
  await daemon?.[Symbol.asyncDispose]();
  await pipeline?.[Symbol.asyncDispose]();
}, 60_000);

type Schema = { readonly $ref?: string };
type Operation = {
  readonly requestBody?: { readonly content: Record<string, { readonly schema: Schema }> };
  readonly responses: Record<string, { readonly $ref?: string; readonly content?: Record<string, { schema: Schema }> }>;
};
type Description = {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: {
    readonly schemas: Record<string, object>;
    readonly responses: Record<string, { content: Record<string, { schema: Schema }> }>;
  };
};

const file = join(import.meta.dir, "../../daemon/web/openapi.json");
const description = JSON.parse(readFileSync(file, "utf8")) as Description;

/** What stands at a schema's place, held against its schema by name. */
function validator() {
  const ajv = addFormats(new Ajv({ strict: true, allowUnionTypes: true }));
  ajv.addVocabulary(["components"]);
  ajv.addSchema({ $id: "openapi", components: description.components }, undefined, undefined, false);
  return (schema: Schema, value: unknown): string => {
    const name = schema.$ref?.split("/").at(-1);
    if (name === undefined) return "";
    const validate = ajv.getSchema(`openapi#/components/schemas/${name}`);
    if (validate === undefined) return `there is no schema ${name}`;
    return validate(value) ? "" : `${name}: ${ajv.errorsText(validate.errors)}`;
  };
}

/** Holds an answer against what the description says of this operation. */
function judge(operation: Operation, status: number, type: string, value: unknown): string {
  const said = operation.responses[String(status)];
  if (said === undefined) return `${status} is not described`;
  const { content } = said.$ref ? (description.components.responses[said.$ref.split("/").at(-1) ?? ""] ?? {}) : said;
  const [media = ""] = type.split(";");
  const schema = content?.[media]?.schema;
  if (schema === undefined) return `${status} as ${media} is not described`;
  return valid(schema, value);
}

const valid = validator();

test("the description is OpenAPI 3.1, and names what the server answers and nothing else", async () => {
  const result = await new Validator().validate(file);
  expect(result.errors ?? []).toEqual([]);
  const web = await startWeb(pipeline.config, pipeline.tables, silentLog);
  const served = web.routes
    .filter(({ path }) => path !== "/" && !path.startsWith("/assets/"))
    .map(({ method, path }) => `${method} ${path}`);
  await web.stop();
  const described = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(described.sort()).toEqual(served.sort());
});

test(
  "every path and method answers with what the description says",
  async () => {
    await pipeline.sql`
      INSERT INTO watchdog.incidents (id, fingerprint, kind, severity, labels, summary, facts, remedy, state, sightings,
        first_seen_at, last_seen_at, fired_at)
      VALUES (7000, 'test{}', 'test', 'warning', '{"table":"clicks"}', 'test', '{"rows":1}', 'none', 'firing', 1, now(), now(), now())`;
    await deleteDocuments(pipeline, "clicks", [99]);
    await poll("the deletion to be found", 30_000, async () => {
      return (await page.read<BucketEvidence>("/api/buckets/clicks")).divergences.length > 0;
    });
    const silence = { matchers: ["kind=none"], author: "test", reason: "test", durationSeconds: 60 };
    const added = (await (await page.change("POST", "/api/silences", silence)).json()) as { id: number };
    const bodies: Record<string, unknown> = {
      "POST /api/session": { token: pipeline.config.watchdogToken },
      "POST /api/silences": silence,
      "POST /api/incidents/{id}/acknowledge": { by: "test" },
      "POST /api/check": { table: "clicks" },
      "POST /api/heal": {},
    };
    const wrongs: string[] = [];
    const asked: string[] = [];
    for (const [path, methods] of Object.entries(description.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        const name = `${method.toUpperCase()} ${path}`;
        const real = path
          .replace("{table}", "clicks")
          .replace("{id}", path.includes("silences") ? String(added.id) : "7000");
        if (path === "/api/events") continue;
        const kind = method.toUpperCase() as "POST" | "DELETE";
        const send = () => (method === "get" ? page.get(real) : page.change(kind, real, bodies[name] ?? {}));
        const response = await send();
        const type = response.headers.get("content-type") ?? "";
        const value: unknown = type.startsWith("application/json") ? await response.json() : await response.text();
        asked.push(`${name} ${response.status}`);
        const wrong = judge(operation, response.status, type, value);
        if (wrong !== "") wrongs.push(`${name}: ${wrong}`);
        if (method === "get") continue;
        // Without the token, and with a body that is none.
        for (const [what, more] of [
          ["without the token", { method: kind, headers: { "content-type": "application/json" }, body: "{}" }],
          ["with a wrong body", { ...authorized(kind), body: "[]" }],
        ] as const) {
          const refused = await fetch(`${page.url}${real}`, more);
          const refusal = judge(
            operation,
            refused.status,
            refused.headers.get("content-type") ?? "",
            await refused.json(),
          );
          if (refusal !== "") wrongs.push(`${name} ${what}: ${refusal}`);
        }
      }
    }
    expect(wrongs).toEqual([]);
    expect(asked.filter((one) => !/ 20[012]$/.test(one))).toEqual([]);
    const follower = await page.follow();
    const { status } = await untilSeen(follower, "an event", 10_000, () => true);
    expect(valid({ $ref: "#/components/schemas/Status" }, status)).toBe("");
    follower.leave();
    await poll(
      "the deletion to be healed",
      30_000,
      async () => (await page.read<Status>("/api/status")).verdict === "exact",
    );
  },
  TIMEOUT_MS,
);

function authorized(method: string) {
  const authorization = `Bearer ${pipeline.config.watchdogToken}`;
  return { method, headers: { "content-type": "application/json", authorization } };
}

test(
  "no change without the token, from another site or by a rebound name; wrong tokens are answered ever later",
  async () => {
    const silence = { matchers: ["kind=none"], author: "test", reason: "test", durationSeconds: 60 };
    const post = async (headers: Record<string, string>, type = "application/json") => {
      const body = JSON.stringify(silence);
      return (
        await fetch(`${page.url}/api/silences`, { method: "POST", headers: { "content-type": type, ...headers }, body })
      ).status;
    };
    const token = { authorization: `Bearer ${pipeline.config.watchdogToken}` };
    const signIn = await fetch(`${page.url}/api/session`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token: pipeline.config.watchdogToken }),
    });
    const cookie = { cookie: signIn.headers.get("set-cookie")?.split(";")[0] ?? "" };
    expect(signIn.headers.get("set-cookie")).toContain("HttpOnly; SameSite=Strict");
    expect(await post(cookie)).toBe(201);
    expect(await post(token)).toBe(201);
    expect(await post({})).toBe(401);
    expect(await post({ cookie: "tidemark_0=4000000000.x" })).toBe(401);
    expect(await post({ ...cookie, origin: "http://evil.example" })).toBe(403);
    expect(await post({ ...cookie, "sec-fetch-site": "cross-site" })).toBe(403);
    expect(await post({ ...cookie, host: "evil.example" })).toBe(403);
    expect(await post(cookie, "text/plain")).toBe(415);
    expect((await page.get("/api/status", { host: "rebound.example" })).status).toBe(403);
    expect(
      (await fetch(`${page.url}/api/session`, { method: "DELETE", headers: cookie })).headers.get("set-cookie"),
    ).toContain("Max-Age=0");
    const begun = performance.now();
    for (let n = 0; n < 3; n++) expect(await post({ authorization: "Bearer wrong" })).toBe(401);
    expect(performance.now() - begun).toBeGreaterThan(1_700);
    const long = await fetch(`${page.url}/api/silences`, { ...authorized("POST"), body: `"${"x".repeat(20_000)}"` });
    expect([long.status, await long.json()]).toEqual([
      413,
      { error: "the body is too long", expected: "at most 16384 bytes" },
    ]);
  },
  TIMEOUT_MS,
);

test(
  "the page is small, compressed and kept by browsers; every answer forbids what the page does not need",
  async () => {
    const load = (path: string, coding: string) =>
      fetch(`${page.url}${path}`, { headers: { "accept-encoding": coding }, decompress: false });
    const sizes: Record<string, number> = {};
    for (const coding of ["br", "gzip"]) {
      let bytes = 0;
      // All that a browser may come to load: what a file names, and what that names in turn.
      const paths = new Set(["/"]);
      for (const path of paths) {
        const response = await load(path, coding);
        const sent = await response.bytes();
        bytes += sent.length;
        if (path !== "/") expect(response.headers.get("cache-control")).toContain("immutable");
        if (path.endsWith(".woff2")) continue;
        expect([path, response.headers.get("content-encoding")]).toEqual([path, coding]);
        const text = new TextDecoder().decode(coding === "br" ? brotliDecompressSync(sent) : gunzipSync(sent));
        for (const [named] of text.matchAll(/\/assets\/[\w.-]+\.\w+/g)) paths.add(named);
      }
      expect(paths.size).toBeGreaterThan(1);
      sizes[coding] = bytes;
      expect(bytes).toBeLessThan(500_000);
    }
    expect((await page.get("/assets/none-12345678.js")).status).toBe(404);
    for (const path of ["/", "/api/status", "/api/events", "/api/none", "/none"]) {
      const { headers, body } = await page.get(path);
      await body?.cancel();
      const policy = headers.get("content-security-policy") ?? "";
      expect([path, policy]).toEqual([path, expect.stringContaining("script-src 'self'; style-src 'self'")]);
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain("unsafe");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("access-control-allow-origin")).toBeNull();
    }
    const first = await page.get("/api/runs");
    await first.arrayBuffer();
    const etag = first.headers.get("etag") ?? "";
    const again = await page.get("/api/silences", { "if-none-match": etag });
    expect(again.status).toBe(200);
    const silences = (await page.get("/api/silences")).headers.get("etag") ?? "";
    expect((await page.get("/api/silences", { "if-none-match": silences })).status).toBe(304);
    expect((await page.get("/api/status", { "accept-encoding": "gzip" })).headers.get("content-encoding")).toBe("gzip");
    console.log("the page, compressed", sizes);
  },
  TIMEOUT_MS,
);

test(
  "reached from other machines, nothing is served without a token, and nothing to anybody who has none",
  async () => {
    const { config } = pipeline;
    const bare = startProgram("daemon/main.ts", [], { ...config, watchdogHost: "0.0.0.0", watchdogToken: "" });
    expect(await bare.exited).toBe(2);
    await using other = startDaemon(config, { watchdogHost: "0.0.0.0" });
    const open = await openPage(other, config);
    for (const path of ["/api/status", "/api/events", "/api/dashboard", "/assets/index.js", "/"]) {
      expect([path, (await open.get(path)).status]).toEqual([path, 401]);
    }
    const form = await open.get("/", { accept: "text/html" });
    expect([form.status, await form.text()]).toEqual([401, expect.stringContaining('type="password"')]);
    expect(form.headers.get("content-security-policy")).toContain("script-src 'sha256-");
    for (const path of ["/healthz", "/readyz"]) expect((await open.get(path)).status).toBe(200);
    const token = { authorization: `Bearer ${config.watchdogToken}` };
    for (const path of ["/", "/api/status"]) expect((await open.get(path, token)).status).toBe(200);
    // It stands by: the other one leads.
    expect(await (await open.get("/api/status", token)).json()).toMatchObject({ leading: false });
    const check = await open.change("POST", "/api/check", {});
    expect([check.status, await check.json()]).toEqual([
      409,
      expect.objectContaining({ error: "this watchdog does not lead" }),
    ]);
  },
  TIMEOUT_MS,
);

test(
  "a commit shows within two seconds; a deletion turns its bucket red, then verified again, and a silence holds",
  async () => {
    const follower = await page.follow();
    const count = (status: Status) => status.tables.find(({ table }) => table === "clicks");
    const before = await untilSeen(follower, "all to be exact", 30_000, ({ verdict }) => verdict === "exact");
    const delays: number[] = [];
    for (let n = 1; n <= 5; n++) {
      await pipeline.sql`INSERT INTO clicks (session_id) VALUES ('seen')`;
      const committedMs = performance.now();
      const wanted = (count(before.status)?.documents ?? 0) + n;
      const { atMs } = await untilSeen(follower, "the document", 10_000, (one) => count(one)?.documents === wanted);
      delays.push(Math.round(atMs - committedMs));
      await Bun.sleep(230 * n);
    }
    // The others may have met a busy machine.
    expect(Math.min(...delays)).toBeLessThan(2_000);
    expect(delays.toSorted((one, other) => one - other)[2]).toBeLessThan(5_000);
    console.log("from commit to the page's event, ms", delays);

    const silence = {
      matchers: ["kind=~divergence|heal-held", "table=clicks"],
      author: "ann",
      reason: "test",
      durationSeconds: 300,
    };
    const { id } = (await (await page.change("POST", "/api/silences", silence)).json()) as { id: number };
    const cells = async () => {
      const { tables } = await page.read<Buckets>("/api/buckets?columns=60");
      return tables.find(({ table }) => table === "clicks")?.cells ?? [];
    };
    expect((await cells()).every(({ state }) => state === "verified" || state === "in-flight")).toBe(true);
    const from = follower.seen.length;
    const ids = Array.from({ length: 30 }, (_, n) => n + 1);
    await deleteDocuments(pipeline, "clicks", ids);
    const seen = (what: string, holds: (status: Status) => boolean) =>
      poll(what, 30_000, () => follower.seen.slice(from).find(({ status }) => holds(status)));
    const red = await seen("the rows to differ", (status) => count(status)?.hold != null);
    expect(red.status).toMatchObject({ verdict: "diverged" });
    expect(red.status.sentence).toMatch(
      /^30 rows of clicks differ, \d\d:\d\d.*; healing waits for a person: .*HEAL_MAX_ROWS/,
    );
    await poll("the bucket to be red", 10_000, async () =>
      (await cells()).some((cell) => cell.state === "diverged" && cell.differing === 30),
    );
    const dashboard = await page.read<Dashboard>("/api/dashboard");
    expect(dashboard.caveats).toEqual([{ table: "clicks", rows: 30, text: "30 rows differ" }]);
    const evidence = await page.read<BucketEvidence>("/api/buckets/clicks");
    expect(evidence.state).toBe("diverged");
    const found = (one: BucketEvidence) => one.divergences.slice(0, ids.length);
    expect(
      found(evidence)
        .map(({ key }) => Number(key))
        .toSorted((one, other) => one - other),
    ).toEqual(ids);
    for (const one of found(evidence))
      expect(one).toMatchObject({ verdict: "missing", state: "open", cause: "other-hands" });
    let last = "";
    const incident = await poll(
      "the incident to fire",
      30_000,
      async () => {
        const { incidents } = await page.read<Incidents>("/api/incidents");
        last = JSON.stringify(incidents.map(({ kind, state, mutedBy }) => [kind, state, mutedBy]));
        return incidents.find(({ kind, state }) => kind === "heal-held" && state === "firing");
      },
      () => `${last} ${daemon.log().slice(-1_500)}`,
    );
    expect(incident).toMatchObject({ silencedBy: id, labels: { table: "clicks" } });
    const acknowledged = await page.change("POST", `/api/incidents/${incident.id}/acknowledge`, { by: "ann" });
    expect(await acknowledged.json()).toMatchObject({ acknowledged: { by: "ann" } });
    const [told] =
      await pipeline.sql`SELECT count(*)::int FROM watchdog.incident_history WHERE incident_id = ${incident.id} AND what = 'told'`;
    expect(told?.count).toBe(0);

    expect((await page.change("POST", "/api/heal", { table: "clicks", confirm: true })).status).toBe(202);
    await seen("all to be exact again", (status) => status.verdict === "exact" && status.at > red.status.at);
    await poll("the bucket to be verified", 10_000, async () =>
      (await cells()).every(({ state }) => state !== "diverged" && state !== "healing"),
    );
    expect((await pipeline.judge()).identical).toBe(true);
    const healed = await page.read<BucketEvidence>("/api/buckets/clicks");
    for (const one of found(healed)) expect(one.state).toBe("healed");
    expect((await page.read<Silences>("/api/silences")).silences.map((one) => one.id)).toContain(id);
    expect((await page.change("DELETE", `/api/silences/${id}`)).status).toBe(200);
    expect((await page.read<Silences>("/api/silences")).silences.map((one) => one.id)).not.toContain(id);
    follower.leave();
  },
  TIMEOUT_MS,
);

test(
  "the dashboard's figures are Elasticsearch's, and what users typed stays text",
  async () => {
    const dashboard = await poll("a fresh dashboard", 15_000, async () => {
      const found = await page.read<Dashboard>("/api/dashboard");
      return found.clicks >= 105 && found;
    });
    expect(dashboard).toMatchObject({ transactions: 20, totalSale: 210 });
    expect(dashboard.searchKeywords).toEqual([
      { name: "<img src=x onerror=alert(1)>", count: 50 },
      { name: "dress", count: 50 },
    ]);
    expect(dashboard.paymentMethods).toEqual([{ name: "Gopay", count: 20 }]);
    expect(dashboard.perTenMinutes.reduce((sum, { items }) => sum + items, 0)).toBe(40);
    expect(dashboard.perMinute.points.reduce((sum, { transactions }) => sum + transactions, 0)).toBe(20);
    expect(dashboard.shipments).toHaveLength(1);
    expect(dashboard.shipments[0]?.latitude).toBeCloseTo(-7.5, 3);
    const tooLong = await page.get("/api/dashboard?from=2020-01-01T00:00:00Z");
    expect([tooLong.status, await tooLong.json()]).toEqual([
      400,
      { error: "the interval is too long", expected: "at most 92 days" },
    ]);
  },
  TIMEOUT_MS,
);

test(
  "while Elasticsearch or PostgreSQL is away the page says so with the last truth, and goes on when it is back",
  async () => {
    const stack = await testStack();
    const follower = await page.follow();
    await stack.server("elasticsearch").kill();
    await poll("the dashboard to say so", 15_000, async () => (await page.get("/api/dashboard")).status === 503);
    await untilSeen(follower, "the stage to say so", 15_000, ({ stages }) =>
      stages.some(({ name, health }) => name === "elasticsearch" && health !== "well"),
    );
    await stack.server("elasticsearch").start();
    let answer = "";
    await poll(
      "the dashboard to be back",
      60_000,
      async () => {
        const response = await page.get("/api/dashboard");
        answer = await response.text();
        return response.ok;
      },
      () => answer,
    );
    const from = follower.seen.length;
    const since = (what: string, holds: (status: Status) => boolean) =>
      poll(
        what,
        40_000,
        () => follower.seen.slice(from).find(({ status }) => holds(status)),
        () => JSON.stringify(follower.seen.at(-1)?.status),
      );
    const well = await since("all to be exact again", ({ verdict }) => verdict === "exact");

    await stack.server("postgres").kill();
    const away = await since("PostgreSQL to be away", ({ sentence }) =>
      sentence.startsWith("PostgreSQL does not answer"),
    );
    expect(away.status.sentence).toMatch(/since .*Last known: exact up to /);
    expect(away.status.verdict).toBe("unknown");
    expect(away.status.tables.map(({ rows }) => rows)).toEqual(well.status.tables.map(({ rows }) => rows));
    expect((await page.get("/readyz")).status).toBe(503);
    expect((await page.get("/healthz")).status).toBe(200);
    expect((await page.get("/api/runs?limit=3")).status).toBe(503);
    await stack.server("postgres").start();
    await poll("it to be ready", 30_000, async () => (await page.get("/readyz")).status === 200);
    await since(
      "it to lead again, and to know what is",
      ({ sentence, leading, at }) => leading && at > away.status.at && !sentence.startsWith("PostgreSQL"),
    );
    expect(follower.ended()).toBe(false);
    follower.leave();
  },
  TIMEOUT_MS,
);

/** Processor time in seconds, and memory in MB, of a process (proc_pid_stat(5), proc_pid_status(5)); null elsewhere. */
function usageOf(pid: number): { seconds: number; megabytes: number } | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return { seconds: (Number(fields[11]) + Number(fields[12])) / 100, megabytes: Number(kilobytes) / 1024 };
  } catch {
    return null;
  }
}

test(
  `${PAGES} open pages cost less than a core and 100 MB, and do not hold the watchdog's end up`,
  async () => {
    const before = usageOf(daemon.pid);
    const followers = await Promise.all(Array.from({ length: PAGES }, () => page.follow()));
    await poll("every page to see something", 20_000, () => followers.every(({ seen }) => seen.length > 0));
    const begun = [usageOf(daemon.pid), performance.now()] as const;
    await Bun.sleep(8_000);
    const [ended, seconds] = [usageOf(daemon.pid), (performance.now() - begun[1]) / 1000];
    const each = followers.map(({ seen }) => seen.length);
    expect(Math.min(...each)).toBeGreaterThan(4);
    if (before !== null && begun[0] !== null && ended !== null) {
      const cores = (ended.seconds - begun[0].seconds) / seconds;
      const more = ended.megabytes - before.megabytes;
      console.log(
        `${PAGES} pages: ${cores.toFixed(2)} cores, ${Math.round(more)} MB more (${Math.round(ended.megabytes)} in all)`,
      );
      expect(cores).toBeLessThan(1);
      expect(more).toBeLessThan(100);
      expect(peakMegabytes(daemon.pid)).toBeLessThan(200);
    }
    const { code, ms } = await daemon.stop();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(10_000);
    await poll("every stream to have ended", 5_000, () => followers.every(({ ended }) => ended()));
  },
  TIMEOUT_MS,
);
