import { readCatalog } from "../../src/catalog.ts";
import { createElasticsearch } from "../../src/elasticsearch.ts";
import { silentLog } from "../../src/log.ts";
import { encodeOperation, sendBulk } from "../../src/sink/bulk.ts";
import { decide } from "../../src/sink/decide.ts";
import { parseEnvelope } from "../../src/sink/envelope.ts";
import { ensureIndices, removeIndex } from "../../src/sink/indices.ts";
import { startProgram } from "../e2e/fixture.ts";
import { createPipeline, type Pipeline } from "../pipeline.ts";
import { poll } from "../poll.ts";
import type { Endpoints } from "../stack/stack.ts";
import { readTopic } from "../topic.ts";
import { insertClicks, waitForTopic } from "./backlog.ts";

const BODIES_IN_FLIGHT = 3;
const BODY_OPERATIONS = 2_000;

/** A Kafka backlog drained by the sink, against the same bodies sent by `_bulk` alone. */
export async function benchSink(endpoints: Endpoints, events = 200_000) {
  await using pipeline = await createPipeline(endpoints);
  await insertClicks(pipeline.sql, events);
  await waitForTopic(pipeline, events);
  // Once before, so that Elasticsearch is warm for both; it leaves an empty index.
  await bulkAlone(pipeline);
  const sink = await drain(pipeline, events);
  const bulkSeconds = await bulkAlone(pipeline);
  return {
    events,
    sinkEventsPerSecond: Math.round(events / sink.seconds),
    bulkEventsPerSecond: Math.round(events / bulkSeconds),
    ratio: Math.round((bulkSeconds / sink.seconds) * 100) / 100,
    sinkMemoryMegabytes: sink.megabytes,
  };
}

/** A sink in a process of its own, timed from its first batch to its last. */
async function drain(pipeline: Pipeline, events: number): Promise<{ seconds: number; megabytes: number }> {
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const sink = startProgram("src/sink/main.ts", [], { ...pipeline.config, sinkPort: port });
  let megabytes = 0;
  let started = 0;
  try {
    const processed = async () => {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      megabytes = Math.max(megabytes, Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1] ?? 0) / 1e6);
      const count = Number(
        /^tidemark_sink_events_total\{table="clicks",operation="index"\} (\S+)/m.exec(text)?.[1] ?? 0,
      );
      if (count > 0 && started === 0) started = performance.now();
      return count;
    };
    await poll("the sink to drain the backlog", 5 * 60_000, async () => (await processed()) >= events);
    return { seconds: (performance.now() - started) / 1000, megabytes: Math.round(megabytes) };
  } finally {
    sink.kill("SIGTERM");
    await sink.exited;
  }
}

async function bulkAlone(pipeline: Pipeline): Promise<number> {
  const { config, tables, sql } = pipeline;
  const [table] = await readCatalog(
    sql,
    tables.filter((one) => one.name === "clicks"),
  );
  if (table === undefined) throw new Error("no catalog");
  const bodies: string[] = [];
  let body: string[] = [];
  for (const { key, value } of await readTopic(pipeline, table)) {
    if (value === null) continue;
    const envelope = parseEnvelope(value);
    const operation = envelope && decide(table, envelope, key);
    if (operation === null || operation.kind === "truncate") continue;
    body.push(encodeOperation(`${config.indexPrefix}clicks_index`, operation, Date.now()));
    if (body.length === BODY_OPERATIONS) {
      bodies.push(body.join(""));
      body = [];
    }
  }
  if (body.length > 0) bodies.push(body.join(""));
  const client = createElasticsearch(config);
  // Into an empty index, as the sink's was.
  await removeIndex(client, config, table);
  await ensureIndices(client, config, [table], silentLog);
  const started = performance.now();
  let next = 0;
  const send = async () => {
    while (next < bodies.length) {
      const outcome = await sendBulk(client, bodies[next++] ?? "", AbortSignal.timeout(60_000));
      if (outcome.kind !== "answered" || outcome.items !== "all-applied") throw new Error("a bulk request failed");
    }
  };
  await Promise.all(Array.from({ length: BODIES_IN_FLIGHT }, send));
  const seconds = (performance.now() - started) / 1000;
  await removeIndex(client, config, table);
  await ensureIndices(client, config, [table], silentLog);
  await client.close();
  return seconds;
}
