import type { Config } from "../../src/config.ts";
import { hasBatchFiles, load } from "../../src/load/load.ts";
import type { Log } from "../../src/log.ts";
import { replay } from "../../src/replay/replay.ts";
import { createPipeline } from "../pipeline.ts";
import type { Stack } from "../stack/stack.ts";
import { percentile } from "./percentile.ts";

const ARRIVAL_MS = 10 * 60_000;

export type Summary = {
  readonly tables: Readonly<Record<string, { rows: number; documents: number }>>;
  readonly identical: boolean;
  readonly seconds: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number };
  readonly provider: string;
};

/**
 * Replays a data set at full speed through a pipeline of its own, waits until every row is searchable, and compares.
 * Leaves nothing in the servers.
 */
export async function runOnce(
  stack: Stack,
  config: Config,
  dataDir: string,
  log: Log,
  signal: AbortSignal,
): Promise<Summary> {
  await using pipeline = await createPipeline(stack.endpoints, { base: config, log });
  const latencies: number[] = [];
  const started = performance.now();
  await pipeline.startSink({ onIndexed: (latencyMs) => latencies.push(latencyMs), signal });
  if (await hasBatchFiles(dataDir)) await load({ config: pipeline.config, dataDir, log, signal });
  await replay({ config: pipeline.config, dataDir, speed: "max", mode: "fresh", log, signal });
  const verdict = await pipeline.expectIdentical(ARRIVAL_MS).catch(() => pipeline.judge());
  const seconds = (performance.now() - started) / 1000;
  return {
    tables: Object.fromEntries(
      Object.entries(verdict.tables).map(([name, { rows, documents }]) => [name, { rows, documents }]),
    ),
    identical: verdict.identical,
    seconds: Math.round(seconds * 10) / 10,
    latencyMs: { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) },
    provider: stack.provider,
  };
}
