import type { IHeaders } from "kafkajs";
import { createKafka } from "../src/kafka.ts";
import { type Table, topicOf } from "../src/tables.ts";
import type { Pipeline } from "./pipeline.ts";
import { poll } from "./poll.ts";

const READ_MS = 5 * 60_000;

export type TopicMessage = {
  readonly partition: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: IHeaders;
  /** When it was written, in milliseconds since 1970. */
  readonly timestamp: number;
};

/** Every message of a table's topic, up to where it ends now, in the order of each partition. */
export async function readTopic(pipeline: Pipeline, table: Pick<Table, "name">): Promise<readonly TopicMessage[]> {
  const { config } = pipeline;
  const kafka = createKafka(config, "test");
  const [admin, topic] = [kafka.admin(), topicOf(config.topicPrefix, table)];
  const groupId = `${config.consumerGroup}-reader-${crypto.randomUUID()}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
  await Promise.all([admin.connect(), consumer.connect()]);
  try {
    const total = (await admin.fetchTopicOffsets(topic)).reduce((sum, end) => sum + Number(end.high), 0);
    const messages: TopicMessage[] = [];
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        for (const { key, value, headers = {}, timestamp } of batch.messages) {
          messages.push({ partition: batch.partition, key, value, headers, timestamp: Number(timestamp) });
        }
      },
    });
    await poll("the topic to be read", READ_MS, async () => messages.length >= total);
    return messages;
  } finally {
    await Promise.all([admin.disconnect(), consumer.disconnect()]);
  }
}
