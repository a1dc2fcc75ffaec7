import { sleep } from "../../src/sleep.ts";
import { percentile } from "../demo/percentile.ts";
import { createPipeline } from "../pipeline.ts";
import { poll } from "../poll.ts";
import type { Endpoints } from "../stack/stack.ts";
import { readTopic } from "../topic.ts";

const TICK_MS = 20;

/** Commit to indexed at a steady rate, against commit to Kafka: what is lost before the sink can see an event. */
export async function benchLatency(endpoints: Endpoints, eventsPerSecond = 1_000, seconds = 20) {
  await using pipeline = await createPipeline(endpoints);
  const latencies: number[] = [];
  await pipeline.startSink({ onIndexed: (latencyMs) => latencies.push(latencyMs) });
  const { sql } = pipeline;
  const insert = (rows: number) =>
    sql`INSERT INTO clicks (session_id, event_name) SELECT 's' || n, 'SCROLL' FROM generate_series(1, ${rows}::int) n`;
  // Warm every part up before measuring.
  await insert(5_000);
  await poll("the warm-up to arrive", 60_000, () => latencies.length >= 5_000);
  latencies.length = 0;
  const started = Date.now();
  let sent = 0;
  while (Date.now() - started < seconds * 1000) {
    const due = Math.floor(((Date.now() - started) * eventsPerSecond) / 1000) - sent;
    if (due > 0) await insert(due);
    sent += Math.max(0, due);
    await sleep(TICK_MS);
  }
  await poll("every event to arrive", 60_000, () => latencies.length >= sent);
  const toKafka = (await readTopic(pipeline, { name: "clicks" })).flatMap(({ value, timestamp }) => {
    if (value === null) return [];
    const { source } = JSON.parse(value.toString()) as { source: { ts_ms: number } };
    return source.ts_ms < started ? [] : [timestamp - source.ts_ms];
  });
  return {
    events: sent,
    eventsPerSecond: Math.round((sent * 1000) / (seconds * 1000)),
    indexedMs: { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) },
    kafkaMs: { p50: percentile(toKafka, 0.5), p99: percentile(toKafka, 0.99) },
  };
}
