import type { IHeaders, Producer } from "kafkajs";
import { messageOf } from "../errors.ts";
import type { Refusal } from "./decide.ts";
import type { Patience } from "./patience.ts";

/** A message as it was consumed. */
export type SourceMessage = {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestamp: string;
};

export type DeadLetter = { readonly message: SourceMessage; readonly refusal: Refusal };

/** Names a letter by where its message stood, so that a redelivered message is the same letter. */
export function letterId(message: Pick<SourceMessage, "topic" | "partition" | "offset">): string {
  return `${message.topic}/${message.partition}/${message.offset}`;
}

/** The Kafka message of a letter: the original bytes as its value, everything else in headers. */
export function encodeLetter({ message, refusal }: DeadLetter, now: Date) {
  const headers: IHeaders = {
    "tidemark-cause": refusal.cause,
    "tidemark-error": refusal.error,
    "tidemark-topic": message.topic,
    "tidemark-partition": String(message.partition),
    "tidemark-offset": message.offset,
    "tidemark-timestamp": message.timestamp,
    "tidemark-refused-at": now.toISOString(),
    ...(message.key === null ? {} : { "tidemark-key": message.key }),
  };
  return { key: letterId(message), value: message.value ?? Buffer.alloc(0), headers };
}

/** Puts letters into the dead-letter topic, acknowledged by all replicas; repeats until Kafka takes them. */
export async function sendLetters(
  producer: Producer,
  topic: string,
  letters: readonly DeadLetter[],
  patience: Patience,
): Promise<void> {
  if (letters.length === 0) return;
  const messages = letters.map((letter) => encodeLetter(letter, new Date()));
  for (let attempt = 1; ; attempt++) {
    try {
      await patience.during(producer.send({ topic, acks: -1, messages }));
      return;
    } catch (error) {
      await patience.backOff(attempt, `dead-letter topic: ${messageOf(error)}`);
    }
  }
}
