import { Counter, Gauge, Registry } from "prom-client";
import type { Config } from "../../src/config.ts";
import type { Postgres } from "../../src/postgres.ts";
import type { Table } from "../../src/tables.ts";
import { readCommitted, readEnds } from "../compare/fence.ts";
import { lagByTable } from "../compare/lag.ts";
import { withAdmin } from "../health/kafka.ts";
import { inTime } from "../in-time.ts";
import { readMeasures } from "../store/measures.ts";
import { cached } from "./cached.ts";
import { type Instrument, register } from "./metrics/instrument.ts";
import { RunCounts } from "./metrics/runs.ts";
import { storeInstruments } from "./metrics/store.ts";

/** So many scrapes as may come, the servers are asked once in this time at most. */
const KEEP_MS = 1_000;
/** Prometheus gives a scrape 10 s; a server that hangs must not take the other figures with it. */
const DEADLINE_MS = 3_000;
/** What has not come by then is asked for anew: its connection may be dead. */
const GIVE_UP_MS = 10_000;

export type MetricsSource = {
  readonly config: Config;
  readonly tables: readonly Table[];
  /** A connection that is there whether or not this watchdog leads. */
  readonly sql: Postgres;
  /** Names of the channels that alerts go to. */
  readonly channels: readonly string[];
  readonly isLeading: () => boolean;
};

/**
 * The watchdog's Prometheus metrics, read from its store when they are scraped. Where PostgreSQL or Kafka is away, a scrape
 * answers within seconds with what needs neither, and says which is away. All watchdogs of one store tell the same but for
 * `tidemark_watchdog_leading`: take the maximum over them.
 */
export function createWatchdogMetrics(source: MetricsSource): { readonly registry: Registry } {
  const { config, tables, sql, channels } = source;
  const registry = new Registry();
  const names = tables.map(({ name }) => name);
  const askStore = patiently(async () => {
    const what = { tables: names, channels, slotName: config.slotName };
    const measures = await readMeasures(sql, what, counts.counted());
    counts.take(measures);
    return measures;
  });
  const askKafka = patiently(() => readLags(config, tables));

  processMetrics(registry, source.isLeading);
  upMetric(registry, "store", "Whether PostgreSQL, which holds the watchdog's store, answers", askStore);
  upMetric(registry, "kafka", "Whether Kafka answers", askKafka);
  register(registry, storeInstruments(config.slotName), askStore);
  register(registry, [lagInstrument], askKafka);
  const counts = new RunCounts(registry, names, askStore);
  return { registry };
}

/** Asks a server as seldom as may be; undefined where it does not answer. */
function patiently<Value>(read: () => Promise<Value>): () => Promise<Value | undefined> {
  const ask = cached(() => inTime(GIVE_UP_MS, read()), KEEP_MS);
  return () => inTime(DEADLINE_MS, ask()).catch(() => undefined);
}

async function readLags(config: Config, tables: readonly Table[]) {
  return withAdmin({ config }, async (admin) => {
    const reader = { config, tables, admin };
    return lagByTable(tables, config.topicPrefix, await readEnds(reader), await readCommitted(reader));
  });
}

const lagInstrument: Instrument<ReturnType<typeof lagByTable>> = {
  type: "gauge",
  name: "tidemark_watchdog_consumer_lag_messages",
  help: "Messages in Kafka that the sink's consumer group has not committed",
  labels: ["table"],
  samples: (lags) => lags.map(({ table, messages }) => [{ table }, messages]),
};

function upMetric(registry: Registry, server: string, help: string, ask: () => Promise<unknown>): void {
  new Gauge({
    name: `tidemark_watchdog_${server}_up`,
    help,
    registers: [registry],
    async collect() {
      this.set((await ask()) === undefined ? 0 : 1);
    },
  });
}

function processMetrics(registry: Registry, isLeading: () => boolean): void {
  const registers = [registry];
  new Gauge({
    name: "tidemark_watchdog_leading",
    help: "Whether this watchdog leads; of all that share a store, one does",
    registers,
    collect() {
      this.set(Number(isLeading()));
    },
  });
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Resident memory of the watchdog",
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Gauge({
    name: "process_start_time_seconds",
    help: "When the watchdog began",
    registers,
  }).set(Math.round((Date.now() - process.uptime() * 1000) / 1000));
  new Counter({
    name: "process_cpu_seconds_total",
    help: "Time that the watchdog has spent on the processor",
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1_000_000);
    },
  });
}
