import { countDocuments } from "../e2e/fixture.ts";
import { createPipeline } from "../pipeline.ts";
import { poll } from "../poll.ts";
import type { Endpoints } from "../stack/stack.ts";
import { insertClicks, waitForTopic } from "./backlog.ts";

/** From INSERT to searchable, against Debezium's own drain of the same rows into Kafka. */
export async function benchPipeline(endpoints: Endpoints, rows = 100_000) {
  await using pipeline = await createPipeline(endpoints);
  await pipeline.startSink();
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  await insertClicks(pipeline.sql, rows);
  const drained = waitForTopic(pipeline, rows).then(seconds);
  const searchable = poll("every row to be searchable", 5 * 60_000, async () => {
    return (await countDocuments(pipeline.config, "clicks")) >= rows;
  }).then(seconds);
  const [drainSeconds, searchableSeconds] = await Promise.all([drained, searchable]);
  return {
    rows,
    searchableRowsPerSecond: Math.round(rows / searchableSeconds),
    debeziumRowsPerSecond: Math.round(rows / drainSeconds),
    ratio: Math.round((drainSeconds / searchableSeconds) * 100) / 100,
  };
}
