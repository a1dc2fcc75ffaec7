import type { Client } from "@elastic/elasticsearch";
import type { Admin, Kafka, Producer } from "kafkajs";
import { type CatalogTable, readCatalog } from "../src/catalog.ts";
import type { Config } from "../src/config.ts";
import { createElasticsearch } from "../src/elasticsearch.ts";
import { OperationError, UnreachableError } from "../src/errors.ts";
import { createKafka } from "../src/kafka.ts";
import type { Log } from "../src/log.ts";
import { connectPostgres, expectPostgres, type Postgres } from "../src/postgres.ts";
import type { Table } from "../src/tables.ts";

const ELASTICSEARCH_TIMEOUT_MS = 60_000;
const STATEMENT_TIMEOUT_MS = 10 * 60_000;

/** What every part of the watchdog works with: the configuration and a client of each server. */
export type Context = {
  readonly config: Config;
  readonly tables: readonly Table[];
  readonly sql: Postgres;
  readonly client: Client;
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly producer: Producer;
  readonly log: Log;
  readonly signal: AbortSignal;
};

/**
 * Opens clients; Kafka's connect at first need (`connectKafka`), so that a missing server stops only what needs it.
 * @throws UnreachableError where PostgreSQL does not answer
 */
export async function openContext(
  config: Config,
  tables: readonly Table[],
  log: Log,
  signal: AbortSignal,
): Promise<Context & AsyncDisposable> {
  const sql = connectPostgres(config, "watchdog", {
    connections: 4,
    program: "tidemark-watchdog",
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  });
  const client = createElasticsearch(config, { requestTimeoutMs: ELASTICSEARCH_TIMEOUT_MS, exactIntegers: true });
  const kafka = createKafka(config, "tidemark-watchdog");
  const admin = kafka.admin();
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  const close = async () => {
    await Promise.allSettled([sql.end({ timeout: 2 }), client.close(), admin.disconnect(), producer.disconnect()]);
  };
  try {
    await expectPostgres(sql, config);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    ...{ config, tables, sql, client, kafka, admin, producer, log, signal },
    [Symbol.asyncDispose]: close,
  };
}

/** Connects Kafka's clients; nothing happens where they are. @throws UnreachableError */
export async function connectKafka(context: Pick<Context, "admin" | "producer" | "config">): Promise<void> {
  try {
    await Promise.all([context.admin.connect(), context.producer.connect()]);
  } catch (error) {
    throw new UnreachableError(`Kafka at ${context.config.kafkaBrokers} did not answer (bun run stack status)`, {
      cause: error,
    });
  }
}

/** The declared tables, or the one that is named, with their columns as they are now. */
export async function readTables(context: Context, name?: string): Promise<readonly CatalogTable[]> {
  const chosen = name === undefined ? context.tables : context.tables.filter((table) => table.name === name);
  if (chosen.length === 0) {
    const known = context.tables.map((table) => table.name).join(", ");
    throw new OperationError(`--table ${name}: no such table is declared; expected one of ${known}`);
  }
  return readCatalog(context.sql, chosen);
}
