import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Table } from "../tables.ts";
import type { KeyOperation } from "./coalesce.ts";
import type { Refusal } from "./decide.ts";

const OPERATIONS: readonly KeyOperation["kind"][] = ["index", "delete"];
const REFUSALS: readonly Refusal["cause"][] = ["not-json", "not-an-envelope", "not-the-table", "refused"];

/**
 * The sink's Prometheus metrics, in a registry of their own so that several sinks fit into one process. Counters of each
 * table begin at zero: the first step of one that begins at 1 is no increase to Prometheus.
 */
export function createMetrics(tables: readonly Pick<Table, "name">[]) {
  const registry = new Registry();
  const registers = [registry];
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Resident memory of the sink",
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  const metrics = {
    registry,
    events: new Counter({
      name: "tidemark_sink_events_total",
      help: "Change events that reached Elasticsearch, or were superseded by a later one of the same bulk",
      labelNames: ["table", "operation"],
      registers,
    }),
    older: new Counter({
      name: "tidemark_sink_older_total",
      help: "Operations that Elasticsearch rejected because it holds a newer version",
      labelNames: ["table"],
      registers,
    }),
    expired: new Counter({
      name: "tidemark_sink_expired_total",
      help: "Heal events that came too late to be applied; the watchdog heals anew",
      labelNames: ["table"],
      registers,
    }),
    deadLetters: new Counter({
      name: "tidemark_sink_dead_letters_total",
      help: "Messages put into the dead-letter topic",
      labelNames: ["table", "cause"],
      registers,
    }),
    retries: new Counter({
      name: "tidemark_sink_retries_total",
      help: "Waits before a request was repeated",
      labelNames: ["cause"],
      registers,
    }),
    bulkSeconds: new Histogram({
      name: "tidemark_sink_bulk_seconds",
      help: "Time of one bulk request",
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    }),
    latencySeconds: new Histogram({
      name: "tidemark_sink_commit_to_indexed_seconds",
      help: "From a change's commit in PostgreSQL to Elasticsearch's acknowledgement",
      labelNames: ["table"],
      buckets: [0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10, 30, 60, 300],
      registers,
    }),
    lag: new Gauge({
      name: "tidemark_sink_lag_messages",
      help: "Messages behind the end of a partition, as of its last batch",
      labelNames: ["topic", "partition"],
      registers,
    }),
  };
  for (const { name: table } of tables) {
    for (const operation of OPERATIONS) metrics.events.inc({ table, operation }, 0);
    for (const cause of REFUSALS) metrics.deadLetters.inc({ table, cause }, 0);
    metrics.older.inc({ table }, 0);
    metrics.expired.inc({ table }, 0);
    metrics.latencySeconds.zero({ table });
  }
  metrics.retries.inc({ cause: "Elasticsearch" }, 0);
  return metrics;
}

export type Metrics = ReturnType<typeof createMetrics>;
