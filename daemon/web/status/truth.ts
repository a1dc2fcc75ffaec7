/** What the watchdog's store says of a table; times in milliseconds since 1970, null where it has not happened. */
export type TableTruth = {
  readonly table: string;
  readonly verifiedAtMs: number | null;
  readonly verifiedLsn: string | null;
  /** The fence of the bucket that was verified longest ago; null while the first scrub is under way. */
  readonly everyBucketSinceMs: number | null;
  readonly hold: string | null;
  readonly divergences: Readonly<Record<"missing" | "stale" | "corrupt" | "ghost", number>>;
  /** Differences by how far their heal has come. */
  readonly open: number;
  readonly emitted: number;
  readonly quarantined: number;
  /** Those that stood together with the ones that still do, and are equal now. */
  readonly healed: number;
  /** The buckets in which differences stand; null where they stand in none. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
};

/** An incident that is open, as far as a stage's health needs it. */
export type OpenIncident = {
  readonly kind: string;
  readonly severity: "warning" | "critical";
  readonly state: "pending" | "firing";
  readonly summary: string;
  readonly muted: boolean;
  readonly facts: Readonly<Record<string, string | number>>;
};

/** The latest fence of the recent runs; null where there was none. */
export type LatestFence = {
  readonly atMs: number;
  readonly passed: boolean;
  readonly waits: Readonly<Record<string, number>>;
  readonly stage: string | null;
  readonly distance: string | null;
};

/** All that the store knows at one moment. */
export type Truth = {
  readonly atMs: number;
  readonly tables: readonly TableTruth[];
  readonly incidents: readonly OpenIncident[];
  readonly fence: LatestFence | null;
  /** Another text, another state of buckets, incidents, silences or runs. */
  readonly mark: string;
  /** Changes to the streamed tables, of their whole life. */
  readonly changes: number;
  /** Bytes of WAL that Debezium has not confirmed; null where there is no slot. */
  readonly slotBytes: number | null;
  /** Lines that the replay under way has read; null where none is. */
  readonly linesRead: number | null;
};

/** How many rows there are, and how many documents; null where it is not known. */
export type Counts = {
  readonly rows: number | null;
  readonly documents: number | null;
  /** Of the rows, those in verified buckets. */
  readonly verified: number | null;
};

/** A server that does not answer. */
export type Away = { readonly sinceMs: number; readonly reason: string };
