import { afterAll, beforeAll, expect, test } from "bun:test";
import { runHeal } from "../../daemon/run/heal.ts";
import { createWatchdogMetrics, type MetricsSource } from "../../daemon/web/metrics.ts";
import { dashboard } from "../../infra/grafana/dashboard.ts";
import { queriesOf } from "../../infra/grafana/queries.ts";
import { savedObjects } from "../../infra/kibana/objects.ts";
import { type Use, usesOf } from "../../infra/kibana/uses.ts";
import { readJobs, readRules } from "../../infra/prometheus/rules.ts";
import { createElasticsearch } from "../../src/elasticsearch.ts";
import { connectPostgres } from "../../src/postgres.ts";
import { createPipeline, type Pipeline } from "../pipeline.ts";
import { poll } from "../poll.ts";
import { type Family, namesOf, readExposition } from "../prometheus/exposition.ts";
import { readPromql } from "../prometheus/promql.ts";
import { startDaemon } from "./daemon.ts";
import { STACK_TIMEOUT_MS, testEndpoints, testStack } from "./fixture.ts";
import { deleteDocuments } from "./tamper.ts";
import { openWatchdog } from "./watchdog.ts";

const TIMEOUT_MS = 240_000;

let pipeline: Pipeline;
let sinkUrl: string;
const open = new AsyncDisposableStack();

beforeAll(async () => {
  await testStack();
  pipeline = open.use(await createPipeline(await testEndpoints()));
  sinkUrl = (await pipeline.startSink()).url;
}, STACK_TIMEOUT_MS);

afterAll(() => open.disposeAsync(), 60_000);

/** The watchdog's metrics over a connection of their own. */
function watchdogMetrics(overrides: Partial<MetricsSource> = {}) {
  const { config, tables } = pipeline;
  const sql = overrides.sql ?? connectPostgres(config, "watchdog", { connections: 1 });
  const source = { config, tables, channels: ["webhook"], isLeading: () => true, ...overrides, sql };
  const { registry } = createWatchdogMetrics(source);
  return {
    sql,
    print: () => registry.metrics(),
    scrape: async () => readExposition(await registry.metrics()),
    [Symbol.asyncDispose]: () => sql.end({ timeout: 0 }),
  };
}

/** What a real endpoint prints. */
async function scrape(url: string) {
  const response = await fetch(`${url}/metrics`);
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  return readExposition(await response.text());
}

/** The values of a metric, by the values of its labels. */
function valuesOf(families: ReadonlyMap<string, Family>, name: string): Record<string, number> {
  const samples = families.get(`tidemark_watchdog_${name}`)?.samples ?? [];
  return Object.fromEntries(samples.map(({ labels, value }) => [Object.values(labels).join(" "), value]));
}

/** What is no metric but Prometheus's own word on a scrape. */
const UP: Family = { name: "up", help: "", type: "gauge", samples: [{ name: "up", labels: {}, value: 1 }] };

test(
  "a watchdog's findings, heals, runs, fences, incidents and failing channel stand in its metrics, and every rule and panel asks only for what is there",
  async () => {
    const { sql, config } = pipeline;
    using receiver = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("no", { status: 500 }) });
    await sql`INSERT INTO clicks (session_id) SELECT 's' || n FROM generate_series(1, 500) n`;
    await sql`INSERT INTO transactions (booking_id, shipment_location_lat, shipment_location_long) VALUES ('refused', 200, 1)`;
    await poll("500 clicks and a dead letter", 60_000, async () => {
      const sink = await scrape(sinkUrl);
      const of = (name: string, table: string) =>
        (sink.get(name)?.samples ?? [])
          .filter(({ labels }) => labels.table === table)
          .reduce((sum, one) => sum + one.value, 0);
      return (
        of("tidemark_sink_events_total", "clicks") >= 500 &&
        of("tidemark_sink_dead_letters_total", "transactions") === 1
      );
    });
    await using metrics = watchdogMetrics();
    const before = await metrics.scrape();
    expect(valuesOf(before, "divergences_standing")["clicks missing"]).toBe(0);
    expect(valuesOf(before, "verified_age_seconds")).toEqual({});
    await deleteDocuments(pipeline, "clicks", [1, 2, 3]);
    const during = await (async () => {
      await using daemon = startDaemon(config, {
        healMode: "report",
        alertGroupSeconds: 0,
        alertWebhookUrl: `http://127.0.0.1:${receiver.port}/`,
        alertWebhookPrivate: "allow",
      });
      await daemon.until("serving the page", 30_000);
      const [, url] = /serving the page .*?(http:[^\s"]+)/.exec(daemon.log()) ?? [];
      await daemon.until("alert not delivered yet", 60_000);
      return await poll("runs of both kinds to be counted", 30_000, async () => {
        const families = await scrape(String(url));
        const runs = valuesOf(families, "runs_total");
        return (runs["clicks recent diverged"] ?? 0) > 0 && (runs["products scrub clean"] ?? 0) > 0 && families;
      });
    })();
    expect(valuesOf(during, "leading")).toEqual({ "": 1 });
    expect(valuesOf(during, "divergences_standing")).toMatchObject({ "clicks missing": 3, "transactions missing": 1 });
    expect(valuesOf(during, "divergences_found_total")).toMatchObject({ "clicks missing": 3, "clicks ghost": 0 });
    expect(valuesOf(during, "incidents_firing")["divergence critical"]).toBeGreaterThan(0);
    expect(valuesOf(during, "channel_failing")).toEqual({ webhook: 1 });
    expect(valuesOf(during, "alerts_failed_total").webhook).toBeGreaterThan(0);
    expect(valuesOf(during, "alerts_waiting").webhook).toBeGreaterThan(0);
    expect(Object.keys(valuesOf(during, "verified_timestamp_seconds"))).toEqual(["customers", "products"]);
    expect(valuesOf(during, "run_last_success_timestamp_seconds")["clicks recent"]).toBeGreaterThan(
      Date.now() / 1000 - 120,
    );
    expect(valuesOf(during, "slot_present")).toEqual({ [config.slotName]: 1 });

    await using watchdog = await openWatchdog(pipeline);
    await runHeal(watchdog, { by: "command", plan: false, confirm: true });
    await sql`INSERT INTO watchdog.tables (table_name, hold_since, hold_reason) VALUES ('clicks', now(), 'test')
      ON CONFLICT (table_name) DO UPDATE SET hold_since = now()`;
    const after = await poll("the heal to show", 20_000, async () => {
      const families = await metrics.scrape();
      return valuesOf(families, "divergences_healed_total").clicks === 3 && families;
    });
    expect(valuesOf(after, "divergences_standing")["clicks missing"]).toBe(0);
    expect(valuesOf(after, "heal_held")).toMatchObject({ clicks: 1, products: 0 });

    const endpoints = { "tidemark-watchdog": during, "tidemark-sink": await scrape(sinkUrl) };
    expect(readJobs().toSorted()).toEqual(Object.keys(endpoints).toSorted());
    const asked = [
      ...readRules().map(({ alert, expr }) => ({ title: alert, expr })),
      ...queriesOf(dashboard).map(({ title, expr }) => ({ title, expr: expr.replaceAll("$__rate_interval", "1m") })),
    ];
    expect(
      asked.flatMap((one) => unknownIn(one.expr, Object.values(endpoints)).map((what) => `${one.title}: ${what}`)),
    ).toEqual([]);
    const used = new Set(asked.flatMap(({ expr }) => readPromql(expr).selectors.map(({ metric }) => metric)));
    const unused = [...during.values(), ...endpoints["tidemark-sink"].values()]
      .filter((family) => !namesOf(family).some((name) => used.has(name)))
      .map(({ name }) => name);
    expect(unused).toEqual(["process_start_time_seconds", "tidemark_sink_lag_messages"]);
  },
  TIMEOUT_MS,
);

/** Metrics and labels of an expression that no endpoint has, and label values of jobs that nobody scrapes. */
function unknownIn(expr: string, endpoints: readonly ReadonlyMap<string, Family>[]): readonly string[] {
  const { selectors, grouping } = readPromql(expr);
  const families = [UP, ...endpoints.flatMap((families) => [...families.values()])];
  const unknown: string[] = [];
  const known = new Set(["job", "instance"]);
  for (const { metric, matchers } of selectors) {
    const samples = families
      .filter((family) => namesOf(family).includes(metric))
      .flatMap((family) => family.samples.filter(({ name }) => name === metric));
    if (samples.length === 0) unknown.push(`no metric ${metric}`);
    const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels)));
    for (const label of labels) known.add(label);
    for (const { label, value } of matchers) {
      const values = label === "job" ? readJobs() : samples.map((sample) => sample.labels[label]);
      const matches = new RegExp(`^(?:${value})$`);
      if (!values.some((one) => one !== undefined && matches.test(one)))
        unknown.push(`${metric} has no ${label}="${value}"`);
    }
  }
  return [...unknown, ...grouping.filter((label) => !known.has(label)).map((label) => `no label ${label}`)];
}

test(
  "while PostgreSQL is away or hangs a scrape answers within 5 s with what needs no PostgreSQL, and with nothing old",
  async () => {
    const { config } = pipeline;
    await using lost = watchdogMetrics();
    expect(valuesOf(await lost.scrape(), "slot_present")).toEqual({ [config.slotName]: 1 });
    await lost.sql.end();
    await poll("the loss to show", 20_000, async () => valuesOf(await lost.scrape(), "store_up")[""] === 0);
    expect(valuesOf(await lost.scrape(), "slot_present")).toEqual({});
    using silent = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
    const sql = connectPostgres({ ...config, postgresPort: silent.port }, "watchdog", { connections: 1 });
    await using metrics = watchdogMetrics({ sql, isLeading: () => false });
    const begun = performance.now();
    const families = await metrics.scrape();
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(valuesOf(families, "store_up")).toEqual({ "": 0 });
    expect(valuesOf(families, "kafka_up")).toEqual({ "": 1 });
    expect(valuesOf(families, "leading")).toEqual({ "": 0 });
    expect(Object.keys(valuesOf(families, "consumer_lag_messages"))).toEqual([
      "clicks",
      "transactions",
      "customers",
      "products",
    ]);
    expect(valuesOf(families, "divergences_standing")).toEqual({});
    expect(valuesOf(families, "slot_present")).toEqual({});
  },
  TIMEOUT_MS,
);

test(
  "a thousand scrapes at once ask the store once a second at most",
  async () => {
    let queries = 0;
    const sql = new Proxy(connectPostgres(pipeline.config, "watchdog", { connections: 1 }), {
      apply: (target, self, call) => {
        queries++;
        return Reflect.apply(target, self, call);
      },
    });
    await using metrics = watchdogMetrics({ sql });
    await metrics.print();
    const [once, begun] = [queries, performance.now()];
    await Promise.all(Array.from({ length: 1_000 }, () => metrics.print()));
    const seconds = (performance.now() - begun) / 1_000;
    console.log("queries of a scrape", once, "1,000 scrapes in", Math.round(seconds * 1_000), "ms");
    expect(queries).toBeLessThanOrEqual(once * (1 + Math.ceil(seconds)));
  },
  TIMEOUT_MS,
);

/** Types of a field that an operation of a Kibana panel can work with. */
const NUMBERS = ["double", "float", "integer", "long", "short"];
const FIT: Readonly<Record<string, readonly string[]>> = {
  sum: NUMBERS,
  unique_count: [...NUMBERS, "keyword"],
  terms: ["keyword"],
  date_histogram: ["date", "date_nanos"],
  map: ["geo_point"],
};

/** A column of a panel as the aggregation that Kibana makes of it. */
function aggregationOf({ operationType, sourceField: field, params }: Use["columns"][number]): object {
  switch (operationType) {
    case "sum":
      return { sum: { field } };
    case "unique_count":
      return { cardinality: { field } };
    case "terms":
      return { terms: { field, size: params.size } };
    case "date_histogram":
      return { date_histogram: { field, fixed_interval: params.interval, min_doc_count: 1 } };
    case "count":
      return { filter: { match_all: {} } };
  }
}

test(
  "every field of the Kibana dashboard is in the real mapping, with a type fit for its use, and its aggregations find the rows",
  async () => {
    const { sql, config } = pipeline;
    await sql`
      INSERT INTO clicks (event_name, traffic_source, search_keywords) VALUES ('SEARCH', 'MOBILE', 'Baju')`;
    await sql`
      INSERT INTO transactions (customer_id, product_id, quantity, payment_method, total_amount, shipment_location_lat,
        shipment_location_long) VALUES (7, 8, 2, 'Gopay', 1500.50, -6.2, 106.8)`;
    const client = createElasticsearch(config);
    open.defer(() => client.close());
    const index = [`${config.indexPrefix}clicks_index`, `${config.indexPrefix}transactions_index`];
    await poll("the click and the transaction to be found", 60_000, async () => {
      const { count } = await client.count({ index, q: "search_keywords:Baju OR payment_method:Gopay" });
      return count === 2;
    });
    for (const { panel, index, columns, geoField } of usesOf(savedObjects(config.indexPrefix))) {
      const fields = [
        ...columns.map(({ operationType, sourceField }) => [operationType, sourceField] as const),
        ...(geoField === undefined ? [] : [["map", geoField] as const]),
      ].filter(([use]) => use !== "count");
      const names = fields.map(([, field]) => field);
      const capabilities = names.length === 0 ? {} : (await client.fieldCaps({ index, fields: names })).fields;
      for (const [use, field] of fields) {
        const [[type, capability] = ["missing"]] = Object.entries(capabilities[field] ?? {});
        expect({ panel, field, fit: FIT[use]?.includes(type), aggregatable: capability?.aggregatable }).toEqual({
          panel,
          field,
          fit: true,
          aggregatable: true,
        });
      }
      const asked =
        geoField === undefined ? columns.map(aggregationOf) : [{ geotile_grid: { field: geoField, precision: 7 } }];
      const { aggregations } = await client.search({
        index,
        size: 0,
        aggs: Object.fromEntries(asked.map((one, column) => [String(column), one])),
      });
      for (const found of Object.values(aggregations ?? {}) as {
        value?: number;
        doc_count?: number;
        buckets?: unknown[];
      }[]) {
        expect(found.value ?? found.doc_count ?? found.buckets?.length).toBeGreaterThan(0);
      }
    }
  },
  TIMEOUT_MS,
);
