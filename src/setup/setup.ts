import { readCatalog } from "../catalog.ts";
import type { Config } from "../config.ts";
import { createElasticsearch } from "../elasticsearch.ts";
import { UnreachableError } from "../errors.ts";
import { createKafka } from "../kafka.ts";
import type { Log } from "../log.ts";
import { connectPostgres } from "../postgres.ts";
import { ensureIndices } from "../sink/indices.ts";
import type { Table } from "../tables.ts";
import { registerConnector, waitForConnector } from "./connector.ts";
import { runMigrations } from "./migrations.ts";
import { createTopics } from "./topics.ts";

const CONNECTOR_START_MS = 60_000;

/** Makes everything between the servers: database, topics, indices, connector. Safe to repeat; says what it changed. */
export async function setUp(config: Config, tables: readonly Table[], log: Log, signal?: AbortSignal): Promise<void> {
  await runMigrations(config, log);
  await createTopics(createKafka(config, "tidemark-setup"), config, tables, log);
  await setUpIndices(config, tables, log);
  await registerConnector(config, tables, log);
  await waitForConnector(config, CONNECTOR_START_MS, signal);
}

async function setUpIndices(config: Config, tables: readonly Table[], log: Log): Promise<void> {
  const sql = connectPostgres(config, "watchdog", { connections: 1, program: "tidemark-setup" });
  const client = createElasticsearch(config);
  try {
    await client.info().catch((error) => {
      throw new UnreachableError(`Elasticsearch at ${config.elasticsearchUrl} did not answer; is it up?`, {
        cause: error,
      });
    });
    await ensureIndices(client, config, await readCatalog(sql, tables), log);
  } finally {
    await sql.end({ timeout: 5 });
    await client.close();
  }
}
