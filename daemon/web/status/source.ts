import type { Client } from "@elastic/elasticsearch";
import type { Config } from "../../../src/config.ts";
import type { Postgres } from "../../../src/postgres.ts";
import type { Table } from "../../../src/tables.ts";
import { everyMs } from "../../schedule.ts";
import { Content } from "../answer/content.ts";
import type { Status } from "../api.ts";
import { cached } from "../cached.ts";
import { DocumentCounter, type Documents } from "./documents.ts";
import { Rates } from "./rates.ts";
import { readRows } from "./read-counts.ts";
import { readTruth } from "./read-truth.ts";
import { statusOf } from "./status.ts";
import { type StreamEnds, StreamReader } from "./stream.ts";
import type { Counts, TableTruth, Truth } from "./truth.ts";
import { Watch } from "./watch.ts";

export type StatusParts = {
  readonly config: Config;
  readonly tables: readonly Table[];
  readonly sql: Postgres;
  readonly client: Client;
  readonly isLeading: () => boolean;
};

/** Below the second in which pages expect something new. */
const KEEP_MS = 900;
/** Counting rows is work for PostgreSQL: at most a twentieth of the time. */
const COUNTING_TIMES = 20;

/** Looks at store, stream and index when somebody wants to know, and at nothing otherwise. */
export class StatusSource {
  private readonly truth: Watch<Truth>;
  private readonly rows: ReadonlyMap<string, Watch<{ rows: number; verified: number }>>;
  private readonly documents: Watch<Documents>;
  private readonly stream: Watch<StreamEnds>;
  private readonly streamReader: StreamReader;
  private readonly rates = new Rates<"csv" | "postgres" | "kafka" | "sink" | "elasticsearch">();
  private readonly share: () => Promise<{ readonly status: Status; readonly content: Content }>;
  private mark = "";
  // Larger than that of a watchdog that ran before on this address.
  private revision = Math.floor(Date.now() / 1000);

  constructor(private readonly parts: StatusParts) {
    const { config, tables, sql, client } = parts;
    this.truth = new Watch(async () => {
      const truth = await readTruth(sql, config, tables);
      this.rates.add("postgres", truth.changes);
      this.rates.add("csv", truth.linesRead ?? 0);
      return truth;
    }, KEEP_MS);
    this.rows = new Map(
      tables.map(({ name }) => [name, new Watch(() => readRows(sql, name), KEEP_MS, COUNTING_TIMES)]),
    );
    const counter = new DocumentCounter(client, config, tables);
    this.documents = new Watch(async () => {
      const documents = await counter.read();
      this.rates.add("elasticsearch", documents.operations);
      return documents;
    }, KEEP_MS);
    this.streamReader = new StreamReader(config, tables);
    this.stream = new Watch(async () => {
      const ends = await this.streamReader.read();
      this.rates.add("kafka", ends.produced);
      this.rates.add("sink", ends.consumed);
      return ends;
    }, KEEP_MS);
    this.share = cached(
      async () => {
        const status = await this.build();
        return { status, content: Content.json(status) };
      },
      KEEP_MS,
      undefined,
      0,
    );
  }

  /** What is known now; the same for all who ask within a second. */
  async read(): Promise<Status> {
    return (await this.share()).status;
  }

  /** The same as it is sent. */
  async content(): Promise<Content> {
    return (await this.share()).content;
  }

  /** Of each table what the store said last; nothing where it has said nothing yet. */
  lastTables(): readonly TableTruth[] {
    return this.truth.value?.tables ?? [];
  }

  get isPostgresAway(): boolean {
    return this.truth.away !== null;
  }

  close(): Promise<void> {
    return this.streamReader.close();
  }

  private async build(): Promise<Status> {
    const looks = [this.truth, this.documents, this.stream, ...this.rows.values()];
    await Promise.all(looks.map((one) => one.look()));
    const { config, isLeading } = this.parts;
    const truth = this.truth.value;
    const nowMs = Date.now();
    return statusOf(
      {
        tables: truth?.tables ?? this.parts.tables.map(({ name }) => unknown(name)),
        counts: this.counts(),
        fence: truth?.fence ?? null,
        away: this.truth.away,
        healMode: config.healMode,
        everyMs: everyMs(config.watchdogRecentCron, nowMs),
        incidents: truth?.incidents ?? [],
        flow: this.flow(truth),
        absences: { postgres: this.truth.away, kafka: this.stream.away, elasticsearch: this.documents.away },
        revision: this.revisionOf(truth),
        leading: isLeading(),
      },
      nowMs,
    );
  }

  private counts(): ReadonlyMap<string, Counts> {
    return new Map(
      this.parts.tables.map(({ name }) => {
        const own = this.rows.get(name)?.value;
        const documents = this.documents.value?.byTable.get(name) ?? null;
        return [name, { rows: own?.rows ?? null, verified: own?.verified ?? null, documents }] as const;
      }),
    );
  }

  private flow(truth: Truth | undefined) {
    const known = { truth: this.truth.away === null, stream: this.stream.away === null };
    const kafka = known.stream ? this.rates.of("kafka") : null;
    return {
      rates: {
        csv: known.truth && truth?.linesRead != null ? this.rates.of("csv") : null,
        postgres: known.truth ? this.rates.of("postgres") : null,
        // What Debezium brings is what comes into Kafka.
        debezium: kafka,
        kafka,
        sink: known.stream ? this.rates.of("sink") : null,
        elasticsearch: this.documents.away === null ? this.rates.of("elasticsearch") : null,
      },
      slotBytes: known.truth ? (truth?.slotBytes ?? null) : null,
      sinkMessages: known.stream ? (this.stream.value?.behind ?? null) : null,
      refreshMs: truth?.fence?.passed ? (truth.fence.waits.elasticsearch ?? null) : null,
    };
  }

  private revisionOf(truth: Truth | undefined): number {
    const mark = truth?.mark ?? "";
    if (mark !== this.mark) this.revision++;
    this.mark = mark;
    return this.revision;
  }
}

function unknown(table: string): TableTruth {
  return {
    table,
    verifiedAtMs: null,
    verifiedLsn: null,
    everyBucketSinceMs: null,
    hold: null,
    divergences: { missing: 0, stale: 0, corrupt: 0, ghost: 0 },
    ...{ open: 0, emitted: 0, quarantined: 0, healed: 0, fromMs: null, toMs: null },
  };
}
