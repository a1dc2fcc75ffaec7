import { Kafka, logLevel } from "kafkajs";
import type { Config } from "./config.ts";

/**
 * A Kafka client. kafkajs's own log stays silent: what matters reaches our log through errors and events.
 * @param impatient answers within seconds whether Kafka is there, instead of trying again
 */
export function createKafka(config: Config, clientId: string, { impatient = false } = {}): Kafka {
  return new Kafka({
    clientId,
    brokers: config.kafkaBrokers.split(",").map((broker) => broker.trim()),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 3_000,
    requestTimeout: impatient ? 5_000 : 30_000,
    retry: { initialRetryTime: 100, maxRetryTime: 5_000, retries: impatient ? 0 : 8 },
  });
}
