import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveConfig } from "../../../src/config.ts";
import { connectPostgres } from "../../../src/postgres.ts";
import { chooseTestProvider } from "../../e2e/fixture.ts";
import { poll } from "../../poll.ts";
import { openStack } from "../open.ts";
import { expectListening } from "../ports/ports.ts";
import { allReady, statesOf } from "../testing/states.ts";
import { connectDocker, containersWith, stackLabel } from "./docker.ts";

setDefaultTimeout(400_000);

const asked = resolveConfig();
// These tests are about that provider alone, and need a Docker daemon.
const inContainers = chooseTestProvider(asked).provider === "containers";
const { cacheDir, postgresImage, kafkaImage, connectImage, elasticsearchImage } = asked;
const config = {
  ...resolveConfig({ "stack-provider": "containers" }, {}),
  ...{ cacheDir, postgresImage, kafkaImage, connectImage, elasticsearchImage },
};
const parent = mkdtempSync(join(tmpdir(), "tidemark-containers-"));
const dir = join(parent, "stack");
const stack = openStack(config, { dir });
/** openStack keeps the state of containers beside that of processes. */
const stackDir = `${dir}-containers`;

afterAll(async () => {
  if (inContainers) await stack.stop({ purge: true });
  rmSync(parent, { recursive: true });
}, 60_000);

/** Registers a test where it can run: elsewhere it is not there, rather than passed over. */
function when(title: string, run: () => Promise<void>): void {
  if (inContainers) test(title, run);
}

if (!inContainers) process.stderr.write("containers/lifecycle.test.ts: runs with TIDEMARK_STACK=containers\n");

const states = () => statesOf(stack);

/** What Docker still has of this stack. */
async function left(): Promise<number> {
  const docker = await connectDocker();
  const label = `${stackLabel}=${stackDir}`;
  const networks = await docker.listNetworks({ filters: { label: [label] } });
  return (await containersWith(docker, label)).length + networks.length;
}

when("containers whose starter was killed with -9 are removed by the next start, and made anew", async () => {
  const code = `
    const { openStack } = await import(${JSON.stringify(join(import.meta.dir, "../open.ts"))});
    const { resolveConfig } = await import(${JSON.stringify(join(import.meta.dir, "../../../src/config.ts"))});
    await openStack(resolveConfig(), { dir: ${JSON.stringify(dir)} }).start();`;
  const starter = Bun.spawn([process.execPath, "-e", code], {
    // No port is asked for: others may have those that the settings name.
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      STACK_PROVIDER: "containers",
      CACHE_DIR: cacheDir,
      POSTGRES_IMAGE: postgresImage,
      KAFKA_IMAGE: kafkaImage,
      CONNECT_IMAGE: connectImage,
      ELASTICSEARCH_IMAGE: elasticsearchImage,
    },
    stdout: "ignore",
    stderr: "ignore",
  });
  await poll("four containers and a network", 200_000, async () => (await left()) === 5);
  const docker = await connectDocker();
  const ids = async () => (await containersWith(docker, `${stackLabel}=${stackDir}`)).map(({ Id }) => Id).sort();
  const before = await ids();
  starter.kill("SIGKILL");
  await starter.exited;
  const { started } = await stack.start();
  expect([...started].sort()).toEqual(["connect", "elasticsearch", "kafka", "postgres"]);
  expect((await ids()).some((id) => before.includes(id))).toBe(false);
  expect(await states()).toEqual(allReady);
  expect((await stack.start()).started).toEqual([]);
});

when("a paused server keeps its connections and answers nothing, until it is resumed", async () => {
  await stack.server("elasticsearch").pause();
  expect(await states()).toEqual({ ...allReady, elasticsearch: "paused" });
  await expectListening(Number(new URL(stack.endpoints.elasticsearchUrl).port));
  await stack.server("elasticsearch").resume();
  await poll("Elasticsearch to answer", 20_000, async () => (await states()).elasticsearch === "ready");
});

when("data and addresses are the same after kill, restart, and stop of all", async () => {
  const { endpoints } = stack;
  const rows = async () => {
    const sql = connectPostgres({ ...config, ...stack.endpoints }, "admin", { database: "postgres", connections: 1 });
    try {
      await sql`CREATE TABLE IF NOT EXISTS kept AS SELECT generate_series(1, 1000) AS id`;
      return (await sql`SELECT id FROM kept`).length;
    } finally {
      await sql.end({ timeout: 5 });
    }
  };
  expect(await rows()).toBe(1000);
  await stack.server("postgres").kill();
  expect((await states()).postgres).toBe("down");
  await stack.server("postgres").start();
  await stack.server("kafka").restart();
  expect(await rows()).toBe(1000);
  await stack.stop();
  expect(new Set(Object.values(await states()))).toEqual(new Set(["down"]));
  await stack.start();
  expect(stack.endpoints).toEqual(endpoints);
  expect(await rows()).toBe(1000);
});

when("purging leaves no container, no network, no volume and no folder", async () => {
  const docker = await connectDocker();
  const volumes = async () => ((await docker.listVolumes()).Volumes ?? []).length;
  const before = await volumes();
  const mounted = (await containersWith(docker, `${stackLabel}=${stackDir}`)).flatMap(({ Mounts }) => Mounts);
  await stack.server("kafka").pause();
  await stack.stop({ purge: true });
  expect(await left()).toBe(0);
  expect(mounted.length).toBeGreaterThan(0);
  expect(before - (await volumes())).toBe(mounted.length);
  expect(existsSync(stackDir)).toBe(false);
});
