import type { Dashboard } from "@grafana/schema";
import { layOut, type Panel, type Query, type Step } from "./panel.ts";

const WATCHDOG = "tidemark_watchdog";
const SINK = "tidemark_sink";

const green: Step = { value: null, color: "green" };

/** The dashboard, with its panels in the order of an operator's questions: is it exact, where is it held up, who was told. */
export const dashboard: Dashboard = {
  uid: "tidemark",
  title: "Tidemark",
  description: "Up to when Elasticsearch holds exactly what PostgreSQL holds, and what each stage does.",
  tags: ["tidemark"],
  schemaVersion: 41,
  version: 1,
  editable: true,
  graphTooltip: 1,
  refresh: "15s",
  time: { from: "now-1h", to: "now" },
  timezone: "browser",
  annotations: { list: [] },
  links: [],
  templating: {
    list: [
      {
        name: "datasource",
        label: "Data source",
        type: "datasource",
        query: "prometheus",
        refresh: 1,
        hide: 0,
        multi: false,
        includeAll: false,
        options: [],
      },
    ],
  },
  panels: layOut([
    {
      title: "Is it exact?",
      panels: [
        stat(
          "Verified",
          "Age of the fence behind which a table's recent window and every touched bucket were last found clean.",
          [{ expr: max("table", `${WATCHDOG}_verified_age_seconds`), legend: "{{table}}" }],
          "s",
          [green, from(120, "orange"), from(300, "red")],
          12,
        ),
        stat(
          "Rows that differ",
          "Standing divergences of all verdicts, those in quarantine included.",
          [{ expr: `sum(${max("table, verdict", `${WATCHDOG}_divergences_standing`)})`, legend: "" }],
          "short",
          [green, from(1, "red")],
        ),
        stat(
          "In quarantine",
          "Rows that still differ after every heal.",
          [{ expr: `sum(${max("table", `${WATCHDOG}_divergences_quarantined`)})`, legend: "" }],
          "short",
          [green, from(1, "red")],
        ),
        stat(
          "Heals that wait for a person",
          "bun run watchdog heal --plan; bun run watchdog heal --confirm",
          [{ expr: `sum(${max("table", `${WATCHDOG}_heal_held`)})`, legend: "" }],
          "short",
          [green, from(1, "red")],
        ),
        stat(
          "Incidents",
          "Incidents that fire.",
          [{ expr: `sum(${max("kind, severity", `${WATCHDOG}_incidents_firing`)}) or vector(0)`, legend: "" }],
          "short",
          [green, from(1, "red")],
        ),
        series(
          "Age of the last proof",
          "A line that climbs at 45 degrees is a table of which nothing new is proven.",
          [{ expr: max("table", `${WATCHDOG}_verified_age_seconds`), legend: "{{table}}" }],
          "s",
        ),
        series(
          "Rows that differ",
          "By table and verdict.",
          [
            {
              expr: `${max("table, verdict", `${WATCHDOG}_divergences_standing`)} > 0`,
              legend: "{{table}} {{verdict}}",
            },
          ],
          "short",
          { stacked: true },
        ),
        series(
          "Found, healed, gone",
          "Rows in five minutes: found to differ; equal after a heal; equal without one.",
          [
            { expr: increase("divergences_found_total"), legend: "found" },
            { expr: increase("divergences_healed_total"), legend: "healed" },
            { expr: increase("divergences_gone_total"), legend: "gone" },
          ],
          "short",
        ),
        series(
          "Coverage",
          "Share of a table's rows in verified buckets.",
          [{ expr: max("table", `${WATCHDOG}_coverage_ratio`), legend: "{{table}}" }],
          "percentunit",
        ),
        series(
          "Longest unverified bucket",
          "Age of the bucket that was verified longest ago: the scrub's way round.",
          [
            {
              expr: `time() - ${max("table", `${WATCHDOG}_least_recent_bucket_timestamp_seconds`)}`,
              legend: "{{table}}",
            },
          ],
          "s",
        ),
        series(
          "Touched buckets",
          "Buckets that changed since they were last found clean.",
          [{ expr: max("table", `${WATCHDOG}_touched_buckets`), legend: "{{table}}" }],
          "short",
        ),
      ],
    },
    {
      title: "Where is it held up?",
      panels: [
        series(
          "From commit to Elasticsearch",
          "As the sinks measure it, change by change.",
          [0.5, 0.95, 0.99].map((share) => ({
            expr: `histogram_quantile(${share}, sum by (le) (rate(${SINK}_commit_to_indexed_seconds_bucket[$__rate_interval])))`,
            legend: `${share * 100} %`,
          })),
          "s",
        ),
        series(
          "What a fence waits for",
          "The 95th percentile, stage by stage: the slot, the sink, Elasticsearch's refresh.",
          [
            {
              expr: `max by (stage) (histogram_quantile(0.95, sum by (instance, le, stage) (rate(${WATCHDOG}_fence_wait_seconds_bucket[10m]))))`,
              legend: "{{stage}}",
            },
          ],
          "s",
        ),
        series(
          "Fences",
          "In five minutes: those that every stage let pass, and those that one held up.",
          [{ expr: `max by (passed) (increase(${WATCHDOG}_fences_total[5m]))`, legend: "passed: {{passed}}" }],
          "short",
        ),
        series(
          "Slot",
          "WAL that PostgreSQL keeps, and of it what Debezium has not confirmed.",
          [
            { expr: max("slot", `${WATCHDOG}_slot_retained_bytes`), legend: "{{slot}} kept" },
            { expr: max("slot", `${WATCHDOG}_slot_unconfirmed_bytes`), legend: "{{slot}} not confirmed" },
          ],
          "bytes",
        ),
        series(
          "Consumer lag",
          "Messages in Kafka that the sinks have not committed.",
          [{ expr: max("table", `${WATCHDOG}_consumer_lag_messages`), legend: "{{table}}" }],
          "short",
        ),
        stat(
          "Servers",
          "Whether they answer the watchdog.",
          [
            { expr: max("slot", `${WATCHDOG}_slot_active`), legend: "slot {{slot}}" },
            { expr: `max(${WATCHDOG}_store_up)`, legend: "PostgreSQL" },
            { expr: `max(${WATCHDOG}_kafka_up)`, legend: "Kafka" },
          ],
          "none",
          [{ value: null, color: "red" }, from(1, "green")],
          8,
          { "0": "no", "1": "yes" },
        ),
      ],
    },
    {
      title: "Sinks",
      panels: [
        series(
          "Changes indexed",
          "A second, by table and operation.",
          [
            {
              expr: `sum by (table, operation) (rate(${SINK}_events_total[$__rate_interval]))`,
              legend: "{{table}} {{operation}}",
            },
          ],
          "ops",
          { stacked: true },
        ),
        series(
          "Bulk requests",
          "How long Elasticsearch takes for one.",
          [0.5, 0.95].map((share) => ({
            expr: `histogram_quantile(${share}, sum by (le) (rate(${SINK}_bulk_seconds_bucket[$__rate_interval])))`,
            legend: `${share * 100} %`,
          })),
          "s",
        ),
        series(
          "Not indexed",
          "In five minutes: dead letters, heals that came too late, older versions, repeated requests.",
          [
            {
              expr: `sum by (table, cause) (increase(${SINK}_dead_letters_total[5m]))`,
              legend: "dead letter {{table}}: {{cause}}",
            },
            { expr: `sum by (table) (increase(${SINK}_expired_total[5m]))`, legend: "expired {{table}}" },
            { expr: `sum by (table) (increase(${SINK}_older_total[5m]))`, legend: "older {{table}}" },
            { expr: `sum by (cause) (increase(${SINK}_retries_total[5m]))`, legend: "repeated: {{cause}}" },
          ],
          "short",
        ),
      ],
    },
    {
      title: "Watchdogs",
      panels: [
        stat(
          "Leading",
          "One of them leads.",
          [{ expr: `${WATCHDOG}_leading`, legend: "{{instance}}" }],
          "none",
          [{ value: null, color: "text" }, from(1, "green")],
          6,
          { "0": "stands by", "1": "leads" },
        ),
        stat(
          "Last good run",
          "How long ago a run of this kind came through.",
          [
            {
              expr: `time() - ${max("kind", `${WATCHDOG}_run_last_success_timestamp_seconds`)}`,
              legend: "{{kind}}",
            },
          ],
          "s",
          [green],
          6,
        ),
        stat(
          "Messages that wait",
          "In the outbox, by channel.",
          [{ expr: max("channel", `${WATCHDOG}_alerts_waiting`), legend: "{{channel}}" }],
          "short",
          [green, from(1, "orange")],
          6,
        ),
        stat(
          "Channels",
          "Whether the last attempt got through.",
          [{ expr: max("channel", `${WATCHDOG}_channel_failing`), legend: "{{channel}}" }],
          "none",
          [green, from(1, "red")],
          6,
          { "0": "well", "1": "fails" },
        ),
        series(
          "Runs",
          "In five minutes, by kind and outcome.",
          [
            {
              expr: `max by (kind, outcome) (sum by (instance, kind, outcome) (increase(${WATCHDOG}_runs_total[5m]))) > 0`,
              legend: "{{kind}} {{outcome}}",
            },
          ],
          "short",
        ),
        series(
          "How long a run takes",
          "The last of each kind, its fence included.",
          [{ expr: max("table, kind", `${WATCHDOG}_run_last_duration_seconds`), legend: "{{table}} {{kind}}" }],
          "s",
        ),
        series(
          "Messages",
          "Sent, and attempts that failed, in an hour.",
          [
            { expr: `max by (channel) (increase(${WATCHDOG}_alerts_sent_total[1h]))`, legend: "sent by {{channel}}" },
            {
              expr: `max by (channel) (increase(${WATCHDOG}_alerts_failed_total[1h]))`,
              legend: "failed by {{channel}}",
            },
          ],
          "short",
        ),
        table("Incidents that fire", "Their remedies are in the messages, and in bun run watchdog status.", [
          { expr: max("kind, severity", `${WATCHDOG}_incidents_firing`), legend: "" },
        ]),
        series(
          "Memory",
          "Resident, of watchdogs and sinks.",
          [{ expr: 'process_resident_memory_bytes{job=~"tidemark-.*"}', legend: "{{job}} {{instance}}" }],
          "bytes",
        ),
        series(
          "Processor",
          "Share of one core, of the watchdogs.",
          [
            {
              expr: 'rate(process_cpu_seconds_total{job="tidemark-watchdog"}[$__rate_interval])',
              legend: "{{instance}}",
            },
          ],
          "percentunit",
        ),
      ],
    },
  ]),
};

function from(value: number, color: Step["color"]): Step {
  return { value, color };
}

/** All watchdogs of one store tell the same: of each series one. */
function max(labels: string, metric: string): string {
  return `max by (${labels}) (${metric})`;
}

function increase(counter: string): string {
  return `max(sum by (instance) (increase(${WATCHDOG}_${counter}[5m])))`;
}

function stat(
  title: string,
  description: string,
  queries: readonly Query[],
  unit: string,
  steps: readonly Step[],
  width = 3,
  words: Readonly<Record<string, string>> = {},
): Panel {
  return { kind: "stat", title, description, queries, unit, steps, width, height: 4, words };
}

function series(
  title: string,
  description: string,
  queries: readonly Query[],
  unit: string,
  { stacked = false } = {},
): Panel {
  return { kind: "timeseries", title, description, queries, unit, stacked, width: 8, height: 8 };
}

function table(title: string, description: string, queries: readonly Query[]): Panel {
  return { kind: "table", title, description, queries, unit: "none", width: 8, height: 8 };
}
