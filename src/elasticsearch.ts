import { Client, HttpConnection } from "@elastic/elasticsearch";
import { Serializer } from "@elastic/transport";
import type { Config } from "./config.ts";
import { keepBigIntegers } from "./lossless-json.ts";

/**
 * An Elasticsearch client that neither retries nor sniffs: the caller knows what may be repeated.
 * The default connection (undici) fails on Bun, hence HttpConnection.
 */
export function createElasticsearch(
  config: Config,
  options: {
    requestTimeoutMs?: number;
    /** Integers beyond 2^53 in answers come as bigint. */
    exactIntegers?: boolean;
  } = {},
): Client {
  return new Client({
    node: config.elasticsearchUrl,
    Connection: HttpConnection,
    ...(options.exactIntegers ? { Serializer: ExactSerializer } : {}),
    maxRetries: 0,
    requestTimeout: options.requestTimeoutMs ?? config.sinkBulkTimeoutMs,
    ...(config.elasticsearchUser === ""
      ? {}
      : { auth: { username: config.elasticsearchUser, password: config.elasticsearchPassword } }),
  });
}

/** Reads answers without rounding an integer; the fast parser where there is none so long. */
class ExactSerializer extends Serializer {
  override deserialize<T>(json: string): T {
    return (/\d{16}/.test(json) ? JSON.parse(json, keepBigIntegers) : JSON.parse(json)) as T;
  }
}
