import { createKafka } from "../../src/kafka.ts";
import type { Pipeline } from "../pipeline.ts";

/** A request to Elasticsearch by other hands than the sink's. */
export async function tamper(pipeline: Pipeline, method: string, path: string, body?: unknown): Promise<void> {
  const { elasticsearchUrl, indexPrefix } = pipeline.config;
  const response = await fetch(`${elasticsearchUrl}/${indexPrefix}${path}`, {
    method,
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`tampering: ${response.status} ${await response.text()}`);
}

/** Deletes documents by hand, as a person in Kibana would. */
export async function deleteDocuments(
  pipeline: Pipeline,
  table: string,
  ids: readonly (string | number)[],
): Promise<void> {
  const { elasticsearchUrl, indexPrefix } = pipeline.config;
  const lines = ids.map((id) => `${JSON.stringify({ delete: { _id: String(id) } })}\n`);
  const response = await fetch(`${elasticsearchUrl}/${indexPrefix}${table}_index/_bulk?refresh=true`, {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
    body: lines.join(""),
  });
  const answer = (await response.json()) as { errors: boolean };
  if (!response.ok || answer.errors) throw new Error(`deleting by hand: ${response.status}`);
}

/** Moves the stopped sink's offsets of a table to the end of its topic: what was not consumed never will be. */
export async function skipToEnd(pipeline: Pipeline, table: string): Promise<void> {
  await moveOffsets(pipeline, table, "high");
}

/** Moves the stopped sink's offsets of a table to the start of its topic: everything comes again. */
export async function rewindToStart(pipeline: Pipeline, table: string): Promise<void> {
  await moveOffsets(pipeline, table, "low");
}

async function moveOffsets(pipeline: Pipeline, table: string, to: "low" | "high"): Promise<void> {
  const { config } = pipeline;
  const topic = `${config.topicPrefix}.public.${table}`;
  const admin = createKafka(config, "test").admin();
  await admin.connect();
  try {
    const partitions = (await admin.fetchTopicOffsets(topic)).map((entry) => ({
      partition: entry.partition,
      offset: entry[to],
    }));
    await admin.setOffsets({ groupId: config.consumerGroup, topic, partitions });
  } finally {
    await admin.disconnect();
  }
}
