import type { IHeaders, Kafka } from "kafkajs";
import type { Config } from "../config.ts";
import { OperationError } from "../errors.ts";
import { deadLetterTopic } from "../setup/topics.ts";
import { letterId } from "../sink/dead-letters.ts";

/** A dead letter as it lies in its topic. */
export type Letter = {
  readonly id: string;
  readonly cause: string;
  readonly error: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly refusedAt: string;
  readonly key: Buffer | null;
  readonly value: Buffer;
};

const READ_TIMEOUT_MS = 30_000;

/**
 * Reads every letter that has not been retried, oldest first.
 * @param last only what the topic's last so many messages hold
 * @throws OperationError where the topic's end is not reached in 30 s
 */
export async function readLetters(
  kafka: Kafka,
  config: Config,
  { last }: { readonly last?: number } = {},
): Promise<readonly Letter[]> {
  const topic = deadLetterTopic(config);
  const admin = kafka.admin();
  await admin.connect();
  const groupId = `${config.consumerGroup}-dead-letters-${crypto.randomUUID()}`;
  const consumer = kafka.consumer({ groupId, allowAutoTopicCreation: false });
  try {
    const [range] = await admin.fetchTopicOffsets(topic);
    const end = BigInt(range?.high ?? 0);
    if (end === BigInt(range?.low ?? 0)) return [];
    const letters = new Map<string, Letter>();
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new OperationError(`the end of ${topic} was not reached within ${READ_TIMEOUT_MS / 1000} s`));
      }, READ_TIMEOUT_MS);
      consumer
        .run({
          autoCommit: false,
          eachBatchAutoResolve: true,
          eachBatch: async ({ batch }) => {
            for (const message of batch.messages) collect(letters, message.key, message.value, message.headers ?? {});
            if (BigInt(batch.lastOffset()) + 1n < end) return;
            clearTimeout(timer);
            resolve();
          },
        })
        .catch(reject);
      // Taken before the first fetch: kafkajs keeps it until the partition is assigned.
      const start = last === undefined ? 0n : end - BigInt(last);
      if (start > BigInt(range?.low ?? 0)) consumer.seek({ topic, partition: 0, offset: String(start) });
    });
    return [...letters.values()];
  } finally {
    await consumer.disconnect();
    await admin.deleteGroups([groupId]).catch(() => {});
    await admin.disconnect();
  }
}

/** A later letter of the same id takes the place of the earlier; a tombstone takes it back. */
function collect(letters: Map<string, Letter>, key: Buffer | null, value: Buffer | null, headers: IHeaders): void {
  const id = key?.toString() ?? "";
  if (value === null) {
    letters.delete(id);
    return;
  }
  const text = (name: string) => headers[`tidemark-${name}`]?.toString() ?? "";
  const originalKey = headers["tidemark-key"];
  letters.set(id, {
    id,
    cause: text("cause"),
    error: text("error"),
    topic: text("topic"),
    partition: Number(text("partition")),
    offset: text("offset"),
    refusedAt: text("refused-at"),
    key: originalKey === undefined ? null : Buffer.from(originalKey as Buffer | string),
    value,
  });
}

/**
 * Puts letters back at the end of the topic and partition that they came from, then takes them out of the dead-letter
 * topic. Versions keep this safe: an event older than what the index holds changes nothing.
 */
export async function retryLetters(kafka: Kafka, config: Config, letters: readonly Letter[]): Promise<void> {
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  try {
    for (const letter of letters) {
      const message = { key: letter.key, value: letter.value, partition: letter.partition };
      await producer.send({ topic: letter.topic, acks: -1, messages: [message] });
      await producer.send({
        topic: deadLetterTopic(config),
        acks: -1,
        messages: [{ key: letterId(letter), value: null }],
      });
    }
  } finally {
    await producer.disconnect();
  }
}
