import { expect, test } from "bun:test";
import { Registry } from "prom-client";
import { readExposition } from "../../../harness/prometheus/exposition.ts";
import type { FenceMeasure, RunMeasure } from "../../store/measures.ts";
import { RunCounts } from "./runs.ts";

function counts() {
  const registry = new Registry();
  const of = new RunCounts(registry, ["clicks"], async () => undefined);
  const value = async (name: string, labels: Record<string, string>) => {
    const samples = [...readExposition(await registry.metrics()).values()].flatMap((family) => family.samples);
    return samples.find(
      (one) => one.name === name && Object.entries(labels).every(([key, of]) => one.labels[key] === of),
    )?.value;
  };
  return { of, value };
}

const run = (lastId: number, count: number, outcome: RunMeasure["outcome"] = "clean"): RunMeasure => ({
  table: "clicks",
  kind: "recent",
  outcome,
  count,
  lastId,
  lastFinishedAt: 1_000 + lastId,
  lastSeconds: lastId / 10,
});

const fence = (id: number, passed: boolean, slot: number): FenceMeasure => ({ id, at: id, passed, waits: { slot } });

const RUNS = "tidemark_watchdog_runs_total";

test("runs from before the process are not counted, those since are, whatever the store forgets meanwhile", async () => {
  const { of, value } = counts();
  of.take({ runs: [run(5_000, 5_000)], fences: [] });
  expect(await value(RUNS, { outcome: "clean" })).toBe(0);
  expect(of.counted()).toEqual({ run: 5_000, fence: 0 });
  of.take({ runs: [run(5_003, 2), run(5_002, 1, "diverged")], fences: [] });
  expect(await value(RUNS, { outcome: "clean" })).toBe(2);
  expect(await value(RUNS, { outcome: "diverged" })).toBe(1);
  of.take({ runs: [], fences: [] });
  expect(of.counted().run).toBe(5_003);
});

test("a fence that did not pass is no success, yet its run's length shows", async () => {
  const { of, value } = counts();
  of.take({ runs: [run(1, 1), run(2, 1, "fence-not-passed")], fences: [] });
  expect(await value("tidemark_watchdog_run_last_success_timestamp_seconds", {})).toBe(1_001);
  expect(await value("tidemark_watchdog_run_last_duration_seconds", {})).toBe(0.2);
});

test("of fences from before the process the last one shows, and none is counted", async () => {
  const { of, value } = counts();
  of.take({ runs: [], fences: [fence(7, true, 300)] });
  expect(await value("tidemark_watchdog_fence_wait_seconds_sum", { stage: "slot" })).toBe(0.3);
  expect(await value("tidemark_watchdog_fences_total", { passed: "true" })).toBe(0);
  of.take({ runs: [], fences: [fence(8, true, 500), fence(9, false, 60_000)] });
  expect(await value("tidemark_watchdog_fences_total", { passed: "true" })).toBe(1);
  expect(await value("tidemark_watchdog_fences_total", { passed: "false" })).toBe(1);
  expect(await value("tidemark_watchdog_fence_wait_seconds_count", { stage: "slot" })).toBe(3);
  expect(of.counted().fence).toBe(9);
});
