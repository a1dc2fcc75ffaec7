import type { Measures } from "../../store/measures.ts";
import type { Instrument, Sample } from "./instrument.ts";

const VERDICTS = ["missing", "stale", "corrupt", "ghost"] as const;

type StoreInstrument = Instrument<Measures>;

/** What the watchdog's store tells, under its names. */
export function storeInstruments(slotName: string): readonly StoreInstrument[] {
  return [...tableInstruments, ...divergenceInstruments, ...alertInstruments, ...slotInstruments(slotName)];
}

const tableInstruments: readonly StoreInstrument[] = [
  gauge(
    "verified_timestamp_seconds",
    "Time of the fence behind which a table's recent window and every touched bucket were last found clean",
    ["table"],
    ({ tables }) => tables.map(({ table, verifiedAt }) => [{ table }, verifiedAt]),
  ),
  gauge("verified_age_seconds", "Age of that fence, by PostgreSQL's clock", ["table"], ({ tables }) =>
    tables.map(({ table, verifiedAgeSeconds }) => [{ table }, verifiedAgeSeconds]),
  ),
  gauge(
    "least_recent_bucket_timestamp_seconds",
    "Time of the fence of the bucket that was verified longest ago; absent until a scrub has been through",
    ["table"],
    ({ tables }) => tables.map(({ table, leastRecentAt }) => [{ table }, leastRecentAt]),
  ),
  gauge("coverage_ratio", "Share of a table's rows that are in verified buckets, 0 to 1", ["table"], ({ tables }) =>
    tables.map(({ table, coverage }) => [{ table }, coverage]),
  ),
  gauge(
    "touched_buckets",
    "Buckets with a change in the stream since they were last found clean",
    ["table"],
    ({ tables }) => tables.map(({ table, touched }) => [{ table }, touched]),
  ),
  gauge("heal_held", "Whether healing went beyond a cap and waits for a person", ["table"], ({ tables }) =>
    tables.map(({ table, held }) => [{ table }, Number(held)]),
  ),
];

const divergenceInstruments: readonly StoreInstrument[] = [
  gauge(
    "divergences_standing",
    "Rows that differ between PostgreSQL and Elasticsearch, those in quarantine included",
    ["table", "verdict"],
    (measures) => perVerdict(measures, "standing"),
  ),
  gauge("divergences_quarantined", "Rows that still differ after every heal", ["table"], (measures) =>
    perTable(measures, "quarantined"),
  ),
  counter("divergences_found_total", "Rows that were found to differ", ["table", "verdict"], (measures) =>
    perVerdict(measures, "found"),
  ),
  counter("divergences_healed_total", "Rows that were found equal again after a heal", ["table"], (measures) =>
    perTable(measures, "healed"),
  ),
  counter("divergences_gone_total", "Rows that were found equal again without a heal", ["table"], (measures) =>
    perTable(measures, "gone"),
  ),
];

const alertInstruments: readonly StoreInstrument[] = [
  gauge("incidents_firing", "Incidents that fire", ["kind", "severity"], ({ incidents }) =>
    incidents.map(({ kind, severity, firing }) => [{ kind, severity }, firing]),
  ),
  counter("alerts_sent_total", "Messages that a channel has delivered", ["channel"], ({ channels }) =>
    channels.map(({ name, delivered }) => [{ channel: name }, delivered]),
  ),
  counter("alerts_failed_total", "Attempts to deliver a message that failed", ["channel"], ({ channels }) =>
    channels.map(({ name, failed }) => [{ channel: name }, failed]),
  ),
  gauge("alerts_waiting", "Messages in the outbox that wait for a channel", ["channel"], ({ channels }) =>
    channels.map(({ name, waiting }) => [{ channel: name }, waiting]),
  ),
  gauge(
    "channel_failing",
    "Whether a channel's last attempt failed, or its receiver wants no more messages",
    ["channel"],
    ({ channels }) =>
      channels.map(({ name, failingSinceMs, disabledAtMs }) => [
        { channel: name },
        Number(failingSinceMs !== null || disabledAtMs !== null),
      ]),
  ),
];

function slotInstruments(slot: string): readonly StoreInstrument[] {
  const of = (value: (slot: NonNullable<Measures["slot"]>) => number) => (measures: Measures) =>
    measures.slot === null ? [] : [[{ slot }, value(measures.slot)] as const];
  return [
    gauge("slot_present", "Whether the replication slot exists", ["slot"], (measures) => [
      [{ slot }, Number(measures.slot !== null)],
    ]),
    gauge(
      "slot_active",
      "Whether Debezium reads the slot",
      ["slot"],
      of(({ active }) => Number(active)),
    ),
    gauge(
      "slot_retained_bytes",
      "WAL that PostgreSQL keeps for the slot",
      ["slot"],
      of(({ retainedBytes }) => retainedBytes),
    ),
    gauge(
      "slot_unconfirmed_bytes",
      "WAL that Debezium has not confirmed: how far it is behind",
      ["slot"],
      of(({ unconfirmedBytes }) => unconfirmedBytes),
    ),
  ];
}

function perVerdict({ tables, divergences }: Measures, count: "standing" | "found"): readonly Sample[] {
  return tables.flatMap(({ table }) =>
    VERDICTS.map((verdict): Sample => {
      const measure = divergences.find((one) => one.table === table && one.verdict === verdict);
      return [{ table, verdict }, measure?.[count] ?? 0];
    }),
  );
}

function perTable({ tables, divergences }: Measures, count: "quarantined" | "healed" | "gone"): readonly Sample[] {
  return tables.map(({ table }) => {
    const own = divergences.filter((one) => one.table === table);
    return [{ table }, own.reduce((sum, one) => sum + one[count], 0)];
  });
}

function gauge(name: string, help: string, labels: readonly string[], samples: StoreInstrument["samples"]) {
  return { type: "gauge" as const, name: `tidemark_watchdog_${name}`, help, labels, samples };
}

function counter(name: string, help: string, labels: readonly string[], samples: StoreInstrument["samples"]) {
  return { type: "counter" as const, name: `tidemark_watchdog_${name}`, help, labels, samples };
}
