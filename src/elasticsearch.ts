import { Client, HttpConnection } from "@elastic/elasticsearch";
import type { Config } from "./config.ts";

/**
 * An Elasticsearch client that neither retries nor sniffs: the caller knows what may be repeated.
 * The default connection (undici) fails on Bun, hence HttpConnection.
 */
export function createElasticsearch(config: Config, options: { requestTimeoutMs?: number } = {}): Client {
  return new Client({
    node: config.elasticsearchUrl,
    Connection: HttpConnection,
    maxRetries: 0,
    requestTimeout: options.requestTimeoutMs ?? config.sinkBulkTimeoutMs,
    ...(config.elasticsearchUser === ""
      ? {}
      : { auth: { username: config.elasticsearchUser, password: config.elasticsearchPassword } }),
  });
}
