import { version as clientVersion } from "@elastic/elasticsearch/package.json";
import type { Config } from "../../src/config.ts";
import { createElasticsearch } from "../../src/elasticsearch.ts";
import { UnreachableError } from "../../src/errors.ts";
import { indexAlias, type Table } from "../../src/tables.ts";
import { RefusedError } from "./answer.ts";
import { about, type Check } from "./check.ts";
import { measureSkew, type Skew } from "./clock.ts";
import { askIndices, type IndexFacts } from "./indices.ts";

const ANSWER_MS = 10_000;
const CLIENT_MAJOR = Number.parseInt(clientVersion, 10);

export type Health = {
  readonly cluster: string;
  /** Health by index: `green`, `yellow` or `red`. */
  readonly indices: Readonly<Record<string, string>>;
};

export type ElasticsearchAnswers = {
  readonly version: string;
  /** Undefined where the server is too old for our client. */
  readonly details: ElasticsearchDetails | undefined;
};

export type ElasticsearchDetails = {
  readonly health: Health;
  readonly indices: readonly IndexFacts[];
  readonly skew: Skew | null;
};

/** Asks Elasticsearch. @throws UnreachableError, RefusedError */
export async function askElasticsearch(config: Config, tables: readonly Table[]): Promise<ElasticsearchAnswers> {
  const version = await askVersion(config);
  if (Number.parseInt(version, 10) < CLIENT_MAJOR) return { version, details: undefined };
  const client = createElasticsearch(config, { requestTimeoutMs: ANSWER_MS });
  try {
    const health = await client.cluster.health({ level: "indices" });
    return {
      version,
      details: {
        health: {
          cluster: health.status,
          indices: Object.fromEntries(Object.entries(health.indices ?? {}).map(([name, one]) => [name, one.status])),
        },
        indices: await askIndices(client, config, tables),
        skew: await askClock(() => client.nodes.stats({ metric: "os" })),
      },
    };
  } finally {
    await client.close();
  }
}

/** Without our client: a server of another major version refuses it. */
async function askVersion(config: Config): Promise<string> {
  const { elasticsearchUrl: url, elasticsearchUser: user, elasticsearchPassword: password } = config;
  const login = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  const answer = await fetch(url, {
    signal: AbortSignal.timeout(ANSWER_MS),
    headers: user === "" ? {} : { authorization: login },
  }).catch((error) => {
    throw new UnreachableError(`Elasticsearch at ${url} did not answer`, { cause: error });
  });
  if (answer.status === 401 || answer.status === 403) {
    throw new RefusedError(
      `it refused the login (${answer.status})`,
      "set ELASTICSEARCH_USER and ELASTICSEARCH_PASSWORD",
    );
  }
  const text = await answer.text();
  const version = /"number"\s*:\s*"([^"]+)"/.exec(text)?.[1];
  if (!answer.ok || version === undefined) {
    throw new RefusedError(
      `it answered ${answer.status}, and told no version`,
      "set ELASTICSEARCH_URL to Elasticsearch's address",
    );
  }
  return version;
}

/** Of the node whose clock differs most; a node tells the time with its statistics. */
async function askClock(stats: () => Promise<{ nodes: Record<string, { timestamp?: number }> }>): Promise<Skew | null> {
  let times: readonly number[] = [];
  const skew = await measureSkew(async () => {
    times = Object.values((await stats()).nodes).flatMap(({ timestamp }) =>
      timestamp === undefined ? [] : [timestamp],
    );
    const now = Date.now();
    return times.toSorted((one, other) => Math.abs(other - now) - Math.abs(one - now))[0] ?? Number.NaN;
  });
  return Number.isNaN(skew.aheadMs) ? null : skew;
}

/** Whether the sink's client can talk to this version; pure. */
export function judgeElasticsearchVersion(version: string, clientMajor = CLIENT_MAJOR): Check {
  const check = about("elasticsearch-version", `Elasticsearch ${clientMajor}, as the client`);
  const major = Number.parseInt(version, 10);
  if (major === clientMajor) return check.ok(version);
  if (major > clientMajor) return check.warn(version, `move to a Tidemark whose client is of version ${major}`);
  return check.fail(version, `move to Elasticsearch ${clientMajor}`);
}

/** Whether our indices, and the rest of the cluster, have their shards; pure. */
export function judgeHealth(
  { cluster, indices }: Health,
  config: Pick<Config, "indexPrefix" | "elasticsearchUrl">,
  tables: readonly Table[],
): Check {
  const check = about("elasticsearch-health", "every shard of our indices is there");
  const aliases = tables.map((table) => indexAlias(config.indexPrefix, table));
  const own = Object.entries(indices).filter(([name]) =>
    aliases.some((alias) => name === alias || name.startsWith(`${alias}-`)),
  );
  const named = (status: string) => own.filter(([, one]) => one === status).map(([name]) => name);
  const explain = `curl '${config.elasticsearchUrl}/_cluster/allocation/explain'`;
  if (named("red").length > 0) return check.fail(`red: ${named("red").join(", ")}`, explain);
  if (named("yellow").length > 0) return check.warn(`copies are missing: ${named("yellow").join(", ")}`, explain);
  if (cluster === "red") return check.warn("ours are whole, another index is red", explain);
  return check.ok(own.length === 0 ? `the cluster is ${cluster}` : "green");
}
