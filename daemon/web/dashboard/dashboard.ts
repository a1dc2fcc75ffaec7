import { type Client, errors, type estypes } from "@elastic/elasticsearch";
import type { Config } from "../../../src/config.ts";
import { messageOf } from "../../../src/errors.ts";
import { indexAlias, type Table } from "../../../src/tables.ts";
import { Failure } from "../answer/failure.ts";
import type { Dashboard, Share } from "../api.ts";
import { clicksSearch, transactionsSearch } from "./search.ts";
import { intervalOf } from "./span.ts";

type Terms = { readonly buckets: readonly { readonly key: string; readonly doc_count: number }[] };
type Points = { readonly buckets: readonly { readonly key: number; readonly doc_count: number }[] };
type Value = { readonly value: number | null };
type ClicksAnswer = {
  readonly points: Points;
  readonly searchKeywords: Terms;
  readonly trafficSources: Terms;
  readonly eventNames: Terms;
};
type Ten = {
  readonly key: number;
  readonly customers: Value;
  readonly items: Value;
  readonly products: Value;
  readonly totalCost: Value;
};
type Place = {
  readonly doc_count: number;
  readonly middle: { readonly location?: { readonly lat: number; readonly lon: number } };
};
type TransactionsAnswer = {
  readonly points: Points;
  readonly totalSale: Value;
  readonly paymentMethods: Terms;
  readonly places: { readonly buckets: readonly Place[] };
  readonly latest: { readonly tens: { readonly buckets: readonly Ten[] } };
};

/** The tutorial's panels between two times, by Elasticsearch's aggregations. @throws Failure 503 where it cannot answer */
export async function readDashboard(
  client: Client,
  config: Pick<Config, "indexPrefix" | "elasticsearchUrl">,
  tables: readonly Table[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Promise<Omit<Dashboard, "caveats">> {
  const search = async <Answer>(name: string, request: estypes.SearchRequest) => {
    const table = tables.find((one) => one.name === name);
    if (table === undefined) throw new Failure(503, `the table ${name} is not declared`, "it in src/tables.ts");
    const { hits, aggregations } = await client.search({ index: indexAlias(config.indexPrefix, table), ...request });
    return { total: (hits.total as estypes.SearchTotalHits).value, found: aggregations as unknown as Answer };
  };
  try {
    const [clicks, transactions] = await Promise.all([
      search<ClicksAnswer>("clicks", clicksSearch(fromMs, toMs)),
      search<TransactionsAnswer>("transactions", transactionsSearch(fromMs, toMs)),
    ]);
    const { found } = transactions;
    return {
      at: iso(Date.now()),
      from: iso(fromMs),
      to: iso(toMs),
      clicks: clicks.total,
      transactions: transactions.total,
      totalSale: found.totalSale.value ?? 0,
      searchKeywords: shares(clicks.found.searchKeywords),
      trafficSources: shares(clicks.found.trafficSources),
      eventNames: shares(clicks.found.eventNames),
      paymentMethods: shares(found.paymentMethods),
      perMinute: { intervalMs: intervalOf(fromMs, toMs), points: joined(clicks.found.points, found.points) },
      perTenMinutes: found.latest.tens.buckets.map((ten) => ({
        at: iso(ten.key),
        customers: ten.customers.value ?? 0,
        items: ten.items.value ?? 0,
        products: ten.products.value ?? 0,
        totalCost: ten.totalCost.value ?? 0,
      })),
      shipments: found.places.buckets.flatMap(({ doc_count: count, middle: { location } }) =>
        location === undefined ? [] : [{ latitude: location.lat, longitude: location.lon, count }],
      ),
    };
  } catch (error) {
    throw failureOf(error, config);
  }
}

/** Clicks and transactions at the same times; pure. */
export function joined(clicks: Points, transactions: Points): Dashboard["perMinute"]["points"] {
  const counts = new Map<number, { clicks: number; transactions: number }>();
  for (const { key, doc_count } of clicks.buckets) counts.set(key, { clicks: doc_count, transactions: 0 });
  for (const { key, doc_count } of transactions.buckets) {
    counts.set(key, { clicks: counts.get(key)?.clicks ?? 0, transactions: doc_count });
  }
  return [...counts].sort(([one], [other]) => one - other).map(([ms, both]) => ({ at: iso(ms), ...both }));
}

function shares({ buckets }: Terms): readonly Share[] {
  return buckets.map(({ key, doc_count }) => ({ name: String(key), count: doc_count }));
}

function failureOf(error: unknown, { elasticsearchUrl }: Pick<Config, "elasticsearchUrl">): unknown {
  if (!(error instanceof errors.ElasticsearchClientError)) return error;
  if (error instanceof errors.ResponseError && error.statusCode === 404) {
    return new Failure(503, "Elasticsearch does not have the indices yet", "them to be made by bun run sink");
  }
  if (error instanceof errors.ResponseError) {
    return new Failure(
      503,
      `Elasticsearch refused: ${messageOf(error).slice(0, 300)}`,
      "an answer; see bun run doctor",
    );
  }
  return new Failure(
    503,
    `Elasticsearch at ${elasticsearchUrl} does not answer`,
    "it to run; see bun run stack status",
  );
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
