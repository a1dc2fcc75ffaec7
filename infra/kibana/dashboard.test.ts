import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { problemsOf } from "./check.ts";
import { file } from "./generate.ts";
import { savedObjects, toNdjson } from "./objects.ts";
import { usesOf } from "./uses.ts";

const committed = readFileSync(file, "utf8");

test("the file is what `bun run kibana` makes, and nothing is wrong with it", () => {
  expect(toNdjson(savedObjects(""))).toBe(committed);
  expect(problemsOf(committed)).toEqual([]);
});

test("with a prefix the data views show the indices of that prefix", () => {
  const objects = savedObjects("shop-");
  expect(problemsOf(toNdjson(objects))).toEqual([]);
  expect(new Set(usesOf(objects).map(({ index }) => index))).toEqual(
    new Set(["shop-clicks_index", "shop-transactions_index"]),
  );
});

test("the dashboard has the panels of the tutorial, and the shipments on a map", () => {
  const panels = usesOf(savedObjects("")).map(({ panel, columns, geoField }) => {
    const what = columns.map(({ operationType, sourceField }) => `${operationType} ${sourceField}`);
    return `${panel}: ${[...what, ...(geoField ? [geoField] : [])].join(", ")}`;
  });
  expect(panels).toEqual([
    "clicks: count ___records___",
    "transactions: count ___records___",
    "total-sale: sum total_amount",
    "per-minute: date_histogram created_at, count ___records___",
    "per-minute: date_histogram created_at, count ___records___",
    "search-keywords: terms search_keywords, count ___records___",
    "traffic-sources: terms traffic_source, count ___records___",
    "payment-methods: terms payment_method, count ___records___",
    "event-names: terms event_name, count ___records___",
    "event-cloud: terms event_name, count ___records___",
    "per-ten-minutes: date_histogram created_at, unique_count customer_id, sum quantity, unique_count product_id, sum total_amount",
    "shipments: shipment_location",
    "tidemark-clicks: date_histogram created_at",
    "tidemark-transactions: date_histogram created_at",
  ]);
});

const inPanels = (from: string, to: string) => [JSON.stringify(from).slice(1, -1), JSON.stringify(to).slice(1, -1)];

test.each([
  ["a version above the server's", ['"typeMigrationVersion":"10.2.0"', '"typeMigrationVersion":"10.3.0"']],
  ["another core version", ['"coreMigrationVersion":"8.8.0"', '"coreMigrationVersion":"8.9.0"']],
  ["an attribute that Kibana does not know", ['"timeRestore":true', '"timeRestore":true,"colour":"red"']],
  ["an attribute of another type", ['"timeRestore":true', '"timeRestore":"yes"']],
  [
    "an object twice",
    [
      '"id":"tidemark-transactions","type":"index-pattern","attributes"',
      '"id":"tidemark-clicks","type":"index-pattern","attributes"',
    ],
  ],
  ["a reference to nothing", ['"id":"tidemark-clicks","name":"clicks:', '"id":"gone","name":"clicks:']],
  ["a reference that no panel wants", ['"name":"clicks:indexpattern', '"name":"klicks:indexpattern']],
  ["a slower refresh", ['"value":5000', '"value":60000']],
  ["a place of another panel", inPanels('"i":"clicks"', '"i":"klicks"')],
  ["a panel beyond the columns", inPanels('{"x":32,"y":0,"w":16', '{"x":33,"y":0,"w":16')],
  ["two panels that overlap", inPanels('{"x":16,"y":0,"w":16', '{"x":15,"y":0,"w":16')],
  ["a column that is not there", inPanels('"metricAccessor":"figure"', '"metricAccessor":"figures"')],
  ["a layer that is not drawn", inPanels('"layerId":"clicks","layerType"', '"layerId":"klicks","layerType"')],
  ["a ranking by no figure", inPanels('"columnId":"count"', '"columnId":"name"')],
  ["figures before buckets", inPanels('"columnOrder":["name","count"]', '"columnOrder":["count","name"]')],
  ["a column without an order", inPanels('"columnOrder":["name","count"]', '"columnOrder":["name"]')],
  ["a count of a field", inPanels('"sourceField":"___records___"', '"sourceField":"id"')],
  ["terms that are numbers", inPanels('"dataType":"string"', '"dataType":"number"')],
  ["no interval", inPanels('"interval":"1m"', '"interval":"soon"')],
  ["an unknown shape", inPanels('"shape":"donut"', '"shape":"cake"')],
  ["an unknown visualization", inPanels('"visualizationType":"lnsTagcloud"', '"visualizationType":"lnsCloud"')],
])("%s is noticed", (_, [from = "", to = ""]) => {
  expect(committed).toContain(from);
  expect(problemsOf(committed.replace(from, to))).not.toEqual([]);
});
