import type { Client, estypes } from "@elastic/elasticsearch";
import type { CatalogTable } from "../../src/catalog.ts";
import { ALL_TIME, type Interval, type Listed, NOTHING, type Region, type Side, type Sum } from "./region.ts";

const DIGEST = "tidemark.digest";
/** Elasticsearch's own limit of a page (index.max_result_window). */
const PAGE = 10_000;

type SumAggregations = {
  latest: estypes.AggregationsMaxAggregate;
  digests: estypes.AggregationsSumAggregate;
};
type SumBucket = SumAggregations & { doc_count: number };

/** Elasticsearch's side of a comparison. Sees what was indexed before the index's last refresh. */
export function elasticsearchSide(client: Client, alias: string, table: CatalogTable): Side {
  const aggs = {
    latest: { max: { field: table.timeColumn } },
    digests: { sum: { field: DIGEST } },
  };
  const search = (body: estypes.SearchRequest) => client.search({ index: alias, ...body });
  return {
    async bucketSums(interval, widthMs) {
      const sums = new Map<number, Sum>();
      let after: Record<string, estypes.FieldValue> | undefined;
      do {
        const answer = await search({
          size: 0,
          query: conditions(table, { time: interval }),
          aggs: {
            buckets: {
              composite: {
                size: PAGE,
                sources: [{ start: { date_histogram: { field: table.timeColumn, fixed_interval: `${widthMs}ms` } } }],
                ...(after === undefined ? {} : { after }),
              },
              aggs,
            },
          },
        });
        const page = answer.aggregations?.buckets as {
          after_key?: Record<string, estypes.FieldValue>;
          buckets: (SumBucket & { key: { start: number } })[];
        };
        for (const bucket of page.buckets) sums.set(bucket.key.start, sumOf(bucket));
        after = page.after_key;
      } while (after !== undefined);
      return sums;
    },
    async regionSum(region) {
      const answer = await search({ size: 0, track_total_hits: true, query: conditions(table, region), aggs });
      const total = answer.hits.total as estypes.SearchTotalHits;
      const sums = answer.aggregations as SumAggregations | undefined;
      return sums === undefined ? NOTHING : sumOf({ ...sums, doc_count: total.value });
    },
    async digestSums(region, width) {
      const answer = await search({
        size: 0,
        query: conditions(table, region),
        aggs: { groups: { histogram: { field: DIGEST, interval: width, min_doc_count: 1 }, aggs } },
      });
      const groups = answer.aggregations?.groups as { buckets: (SumBucket & { key: number })[] };
      return new Map(groups.buckets.map((group) => [group.key, sumOf(group)]));
    },
    async list(region, limit) {
      const answer = await search({
        size: Math.min(limit, PAGE),
        query: conditions(table, region),
        _source: false,
        version: true,
        docvalue_fields: [DIGEST],
      });
      return new Map<string, Listed>(
        answer.hits.hits.map((hit) => {
          const digest = (hit.fields as Record<string, number[]> | undefined)?.[DIGEST]?.[0];
          return [String(hit._id), { digest: digest ?? null, version: hit._version ?? -1 }];
        }),
      );
    },
  };
}

/** Documents of an interval that carry no digest: something other than the sink wrote them. */
export async function listUndigested(client: Client, alias: string, table: CatalogTable, time: Region["time"]) {
  const answer = await client.search({
    index: alias,
    size: PAGE,
    query: { bool: { filter: [timeConditions(table, time)], must_not: [{ exists: { field: DIGEST } }] } },
    _source: false,
    version: true,
  });
  return new Map<string, Listed>(
    answer.hits.hits.map((hit) => [String(hit._id), { digest: null, version: hit._version ?? -1 }]),
  );
}

/** Documents of an interval, or those outside of all intervals. */
export function timeConditions(table: CatalogTable, time: Region["time"]): estypes.QueryDslQueryContainer {
  return conditions(table, { time });
}

function conditions(table: CatalogTable, region: Region): estypes.QueryDslQueryContainer {
  const within = (interval: Interval): estypes.QueryDslQueryContainer => ({
    range: {
      [table.timeColumn]: { gte: new Date(interval.fromMs).toISOString(), lt: new Date(interval.toMs).toISOString() },
    },
  });
  const filter: estypes.QueryDslQueryContainer[] = [];
  if (region.time !== "outside") filter.push(within(region.time));
  if (region.digests) {
    const ranges = region.digests.map(({ from, to }) => ({ range: { [DIGEST]: { gte: from, lt: to } } }));
    filter.push({ bool: { should: ranges, minimum_should_match: 1 } });
  }
  return { bool: { filter, ...(region.time === "outside" ? { must_not: [within(ALL_TIME)] } : {}) } };
}

function sumOf(bucket: SumBucket): Sum {
  const latest = bucket.latest.value;
  return {
    count: bucket.doc_count,
    latestMs: typeof latest === "number" && Number.isFinite(latest) ? Math.floor(latest) : null,
    digests: bucket.digests.value ?? 0,
  };
}
