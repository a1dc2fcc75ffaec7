import { expect, test } from "bun:test";
import { silentLog } from "../log.ts";
import { createMetrics } from "./metrics.ts";
import { Patience } from "./patience.ts";

test("waits are counted by what was waited for; an error's text makes no series of its own", async () => {
  const metrics = createMetrics([{ name: "clicks" }]);
  const stop = new AbortController();
  const patience = new Patience({ heartbeat: async () => {}, stop: stop.signal, log: silentLog, metrics });
  for (const reason of ["connect ECONNREFUSED 127.0.0.1:9200", "no answer within 30 s"]) {
    await patience.backOff(0, `Elasticsearch: ${reason}`);
  }
  await patience.backOff(0, "429 es_rejected_execution_exception");
  const { values } = await metrics.retries.get();
  expect(Object.fromEntries(values.map(({ labels, value }) => [labels.cause, value]))).toEqual({
    Elasticsearch: 2,
    "429 es_rejected_execution_exception": 1,
  });
});

test("counters of every table are there from the start, at zero", async () => {
  const { registry } = createMetrics([{ name: "clicks" }, { name: "products" }]);
  const text = await registry.metrics();
  for (const table of ["clicks", "products"]) {
    expect(text).toContain(`tidemark_sink_dead_letters_total{table="${table}",cause="refused"} 0\n`);
    expect(text).toContain(`tidemark_sink_events_total{table="${table}",operation="delete"} 0\n`);
  }
});
