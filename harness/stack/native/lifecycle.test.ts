import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { type Config, resolveConfig } from "../../../src/config.ts";
import { chooseTestProvider } from "../../e2e/fixture.ts";
import { waitFor } from "../deadline.ts";
import { identityOf, processesIn } from "../identity.ts";
import { openStack } from "../open.ts";
import { serverNames } from "../stack.ts";
import { allReady, statesOf } from "../testing/states.ts";
import { findServer } from "./process.ts";

// The first run on a machine fetches the servers.
setDefaultTimeout(300_000);

const asked = resolveConfig();
// These tests are about that provider alone.
const native = chooseTestProvider(asked).provider === "native";
const parent = mkdtempSync(join(tmpdir(), "tidemark-lifecycle-"));
// PostgreSQL's user, who is another when we are root, must be able to pass.
chmodSync(parent, 0o711);
const dir = join(parent, "stack");
const config: Config = { ...resolveConfig({ "stack-provider": "native" }, {}), cacheDir: asked.cacheDir };
const said: string[] = [];
const stack = openStack(config, { dir, onProgress: (line) => said.push(line) });
let remembered: (number | undefined)[] = [];

afterAll(async () => {
  if (native) await stack.stop({ purge: true });
  rmSync(parent, { recursive: true });
}, 60_000);

function startCommand(...args: string[]) {
  const flags = [
    "--stack-provider",
    "native",
    "--stack-dir",
    dir,
    ...(asked.cacheDir === "" ? [] : ["--cache-dir", asked.cacheDir]),
  ];
  return Bun.spawn([process.execPath, join(import.meta.dir, "../main.ts"), ...args, ...flags], {
    // What the shell that runs the tests has set is for another stack.
    env: { PATH: process.env.PATH, HOME: process.env.HOME, JAVA_HOME: process.env.JAVA_HOME },
    stdout: "pipe",
    stderr: "pipe",
  });
}

async function run(...args: string[]) {
  const child = startCommand(...args);
  const [output, messages] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { code: await child.exited, output, messages };
}

const pids = () => serverNames.map((name) => stack.server(name).pid());
const states = () => statesOf(stack);

async function withPostgres<T>(use: (sql: postgres.Sql) => PromiseLike<T>): Promise<T> {
  const { postgresHost: host, postgresPort: port } = stack.endpoints;
  const sql = postgres({ host, port, user: config.postgresAdminUser, password: config.postgresAdminPassword, max: 1 });
  try {
    return await use(sql);
  } finally {
    await sql.end();
  }
}

/** A request to Elasticsearch. @returns the status and the document that came, if any */
async function askElasticsearch(method: "GET" | "PUT", path: string, body?: string) {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${stack.endpoints.elasticsearchUrl}${path}`, {
    method,
    headers,
    body,
    signal: AbortSignal.timeout(20_000),
  });
  return { status: response.status, document: ((await response.json()) as { _source?: unknown })._source };
}

test.if(native)("before the first start there are no endpoints, and all is down", async () => {
  expect(() => stack.endpoints).toThrow("was never started");
  expect(new Set(Object.values(await states()))).toEqual(new Set(["down"]));
  expect(existsSync(dir)).toBe(false);
});

test.if(native)("servers whose starter was killed with -9 are found, and not started twice", async () => {
  const starter = startCommand("up");
  const begun = () => serverNames.every((name) => findServer(join(dir, name)) !== undefined);
  await waitFor(() => begun() || starter.exitCode !== null, 280_000);
  if (!begun()) throw new Error(`up ended early: ${await new Response(starter.stderr).text()}`);
  starter.kill("SIGKILL");
  await starter.exited;
  remembered = pids();
  const result = await stack.start();
  expect(result.found).toEqual([...serverNames]);
  expect(result.started).toEqual([]);
  expect(pids()).toEqual(remembered);
  expect(await states()).toEqual(allReady);
});

test.if(native)("a second up finds the running stack, says so, and prints where it is", async () => {
  const { code, output, messages } = await run("up");
  expect(messages).toContain("the stack was running already");
  expect(output).toContain(stack.endpoints.elasticsearchUrl);
  expect(code).toBe(0);
  expect(pids()).toEqual(remembered);
});

test.if(native)("status tells it to people, to programs and to a shell", async () => {
  expect((await run("status")).output).toMatch(/^kafka +ready +127\.0\.0\.1:\d+ +process \d+$/m);
  expect(JSON.parse((await run("status", "--json")).output)).toMatchObject({ provider: "native", ready: true });
  const { output } = await run("status", "--env");
  const { postgresPort, kafkaBrokers } = stack.endpoints;
  expect(output).toContain(`POSTGRES_PORT=${postgresPort}\nKAFKA_BROKERS=${kafkaBrokers}\n`);
});

test.if(native)("logs prints the end of a server's log, and refuses a name it does not know", async () => {
  const { code, output } = await run("logs", "kafka", "--lines", "3");
  expect(output.trimEnd().split("\n")).toHaveLength(3);
  expect(code).toBe(0);
  expect((await run("logs", "redis")).code).toBe(2);
});

test.if(native)("a paused server is shown as paused, and resumes", async () => {
  await stack.server("elasticsearch").pause();
  const whilePaused = await states();
  await stack.server("elasticsearch").resume();
  expect(whilePaused).toEqual({ ...allReady, elasticsearch: "paused" });
  expect(await states()).toEqual(allReady);
});

test.if(native)("up completes a stack of which servers were killed, and no committed row is lost", async () => {
  await withPostgres(async (sql) => {
    await sql`CREATE TABLE kept (id int PRIMARY KEY)`;
    await sql`INSERT INTO kept SELECT generate_series(1, 1000)`;
  });
  // A missing index is refused, not made with a guessed mapping.
  expect((await askElasticsearch("PUT", "/kept/_doc/1", '{"text":"kept"}')).status).toBe(404);
  expect((await askElasticsearch("PUT", "/kept")).status).toBe(200);
  expect((await askElasticsearch("PUT", "/kept/_doc/1", '{"text":"kept"}')).status).toBe(201);
  await Promise.all([stack.server("postgres").kill(), stack.server("connect").kill()]);
  const { code, output } = await run("status", "--json");
  expect(code).toBe(1);
  expect(JSON.parse(output)).toMatchObject({ ready: false, servers: [{ state: "down" }, {}, { state: "down" }, {}] });
  const result = await stack.start();
  expect([...result.started]).toEqual(["postgres", "connect"]);
  expect([...result.found]).toEqual(["kafka", "elasticsearch"]);
  expect(await withPostgres((sql) => sql`SELECT count(*)::int AS rows FROM kept`)).toMatchObject([{ rows: 1000 }]);
});

test.if(native)("down takes under 10 s and leaves no process; data and ports are there after the next up", async () => {
  const { endpoints } = stack;
  const before = pids();
  const begun = performance.now();
  const { code, messages } = await run("down");
  expect(performance.now() - begun).toBeLessThan(10_000);
  expect(messages).not.toContain("killed");
  expect(code).toBe(0);
  expect(pids()).toEqual([undefined, undefined, undefined, undefined]);
  expect(leftProcesses(before)).toEqual([]);

  const { started } = await stack.start();
  expect(started).toEqual([...serverNames]);
  expect(stack.endpoints).toEqual(endpoints);
  expect(await withPostgres((sql) => sql`SELECT count(*)::int AS rows FROM kept`)).toMatchObject([{ rows: 1000 }]);
  expect((await askElasticsearch("GET", "/kept/_doc/1")).document).toEqual({ text: "kept" });
});

test.if(native)("no password is in a log or a configuration file", () => {
  const files = readdirSync(dir, { recursive: true, encoding: "utf8" }).filter((file) =>
    /(^|\/)(log|pid|[^/]*\.(properties|json|place))$/.test(file),
  );
  expect(files.length).toBeGreaterThan(8);
  for (const file of files) {
    expect(readFileSync(join(dir, file), "utf8")).not.toContain(config.postgresAdminPassword);
  }
});

test.if(native)("a paused server does not keep down from ending; purging leaves no process and no folder", async () => {
  const before = pids();
  await stack.server("kafka").pause();
  said.length = 0;
  await stack.stop({ purge: true });
  // Nothing had to be killed.
  expect(said).toEqual([]);
  expect(existsSync(dir)).toBe(false);
  expect(leftProcesses(before)).toEqual([]);
});

/** Of processes that ran, and of any that works in the stack's folders, those that are still there. */
function leftProcesses(before: readonly (number | undefined)[]): number[] {
  const folders = ["postgres", "postgres/data", "kafka", "connect", "elasticsearch"].map((name) => join(dir, name));
  const alive = before.filter((pid) => pid !== undefined).filter((pid) => identityOf(pid) !== undefined);
  return [...alive, ...folders.flatMap(processesIn)];
}
