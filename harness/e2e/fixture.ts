import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Config, resolveConfig, toEnvironment } from "../../src/config.ts";
import { createPipeline, type Pipeline, type PipelineOptions } from "../pipeline.ts";
import { poll } from "../poll.ts";
import { openStack } from "../stack/open.ts";
import { type Choice, chooseProvider } from "../stack/provider.ts";
import type { Endpoints, Stack } from "../stack/stack.ts";
import { followLog, watchedLog } from "./logs.ts";

/** Servers take longer on a machine that installs them first. */
export const STACK_TIMEOUT_MS = 300_000;

let opened: Promise<Stack> | undefined;

/**
 * The servers that all end-to-end tests share, started by the first that asks. They live in a folder that is the same
 * for every run of this checkout, so that those of a killed run are found again.
 */
export function testStack(): Promise<Stack> {
  opened ??= startStack();
  return opened;
}

export async function testEndpoints(): Promise<Endpoints> {
  return (await testStack()).endpoints;
}

/** A pipeline of a test's own in the shared servers, whose logs are looked at. */
export async function testPipeline(options: PipelineOptions = {}): Promise<Pipeline> {
  return createPipeline(await testEndpoints(), { log: watchedLog, ...options });
}

async function startStack(): Promise<Stack> {
  const asked = resolveConfig();
  const checkout = Bun.hash(join(import.meta.dir, "../..")).toString(36);
  const { provider, reason } = chooseTestProvider(asked);
  const flags = { "stack-provider": provider, "stack-dir": join(tmpdir(), `tidemark-test-${checkout}`) };
  const { cacheDir, postgresImage, kafkaImage, connectImage, elasticsearchImage } = asked;
  const own = { cacheDir, postgresImage, kafkaImage, connectImage, elasticsearchImage };
  const stack = openStack(provider === "external" ? asked : { ...resolveConfig(flags, {}), ...own });
  const { seconds } = await stack.start().catch(async (error) => {
    // What did start must not outlive the run.
    if (stack.provider !== "external") await stack.stop({ purge: true });
    throw error;
  });
  process.stderr.write(`servers: ${provider} (${reason}), ready in ${seconds.toFixed(1)} s\n`);
  return stack;
}

/** Which stack the tests run on: TIDEMARK_STACK's, else the one that the other settings and the machine lead to. */
export function chooseTestProvider(config: Config): Choice {
  if (config.testStack === "auto") return chooseProvider(config);
  return { provider: config.testStack, reason: `TIDEMARK_STACK=${config.testStack}` };
}

/** Stops the servers where they are ours, with their data. */
export async function stopTestStack(): Promise<void> {
  const stack = await opened?.catch(() => undefined);
  if (stack !== undefined && stack.provider !== "external") await stack.stop({ purge: true });
}

/** A program of Tidemark's as a process of its own, with a configuration in its environment. */
export function startProgram(file: string, args: readonly string[], config: Config) {
  // As package.json runs them: the sink and the rest collect garbage early, and so stay small.
  const child = Bun.spawn([process.execPath, "--smol", join(import.meta.dir, "../..", file), ...args], {
    env: { ...process.env, ...toEnvironment(config) },
    stdout: "pipe",
    stderr: "pipe",
  });
  void followLog(file, child.stderr);
  return child;
}

/** Waits until a sink's group has committed every partition of a topic up to its end. */
export async function waitForCount(what: string, timeoutMs: number, count: () => Promise<number>, wanted: number) {
  let seen = -1;
  await poll(
    `${what} to be ${wanted}`,
    timeoutMs,
    async () => {
      seen = await count();
      return seen >= wanted;
    },
    () => `Saw ${seen}`,
  );
}

/** Documents in an index, as far as refreshed. */
export async function countDocuments(config: Config, table: string): Promise<number> {
  const response = await fetch(`${config.elasticsearchUrl}/${config.indexPrefix}${table}_index/_count`);
  return response.ok ? ((await response.json()) as { count: number }).count : 0;
}
