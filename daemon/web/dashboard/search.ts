import type { estypes } from "@elastic/elasticsearch";
import { intervalOf, TABLE_MS } from "./span.ts";

/** Names in a cloud, slices of a donut, places on the map. */
const CLOUD = 50;
const SLICES = 10;
const PLACES = 500;
/** A tile of this zoom is some 10 km wide at the equator (a web map's tiles). */
const ZOOM = 12;

type Aggregations = Readonly<Record<string, estypes.AggregationsAggregationContainer>>;

const TIME = "created_at";

/** Documents between two times, and how they spread over it. */
function searchOf(fromMs: number, toMs: number, aggregations: Aggregations) {
  const intervalMs = intervalOf(fromMs, toMs);
  const iso = (ms: number) => new Date(ms).toISOString();
  return {
    size: 0,
    track_total_hits: true,
    query: { range: { [TIME]: { gte: iso(fromMs), lt: iso(toMs) } } },
    aggs: {
      points: {
        date_histogram: {
          field: TIME,
          fixed_interval: `${intervalMs}ms`,
          min_doc_count: 0,
          extended_bounds: { min: iso(fromMs), max: iso(toMs - 1) },
        },
      },
      ...aggregations,
    },
  } satisfies estypes.SearchRequest;
}

/** What is asked of the clicks. */
export function clicksSearch(fromMs: number, toMs: number) {
  return searchOf(fromMs, toMs, {
    searchKeywords: { terms: { field: "search_keywords", size: CLOUD } },
    trafficSources: { terms: { field: "traffic_source", size: SLICES } },
    eventNames: { terms: { field: "event_name", size: SLICES } },
  });
}

/** What is asked of the transactions. */
export function transactionsSearch(fromMs: number, toMs: number) {
  const since = new Date(Math.max(fromMs, toMs - TABLE_MS)).toISOString();
  return searchOf(fromMs, toMs, {
    totalSale: { sum: { field: "total_amount" } },
    paymentMethods: { terms: { field: "payment_method", size: SLICES } },
    places: {
      geotile_grid: { field: "shipment_location", precision: ZOOM, size: PLACES },
      aggs: { middle: { geo_centroid: { field: "shipment_location" } } },
    },
    latest: {
      filter: { range: { [TIME]: { gte: since } } },
      aggs: {
        tens: {
          date_histogram: { field: TIME, fixed_interval: "10m", min_doc_count: 1, order: { _key: "desc" } },
          aggs: {
            customers: { cardinality: { field: "customer_id" } },
            items: { sum: { field: "quantity" } },
            products: { cardinality: { field: "product_id" } },
            totalCost: { sum: { field: "total_amount" } },
          },
        },
      },
    },
  });
}
