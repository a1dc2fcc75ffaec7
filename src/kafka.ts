import { Kafka, logLevel } from "kafkajs";
import type { Config } from "./config.ts";

/** A Kafka client. kafkajs's own log stays silent: what matters reaches our log through errors and events. */
export function createKafka(config: Config, clientId: string): Kafka {
  return new Kafka({
    clientId,
    brokers: config.kafkaBrokers.split(",").map((broker) => broker.trim()),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 3_000,
    requestTimeout: 30_000,
    retry: { initialRetryTime: 100, maxRetryTime: 5_000, retries: 8 },
  });
}
