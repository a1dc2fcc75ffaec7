/**
 * What the watchdog serves under `/api`, in its own words; `openapi.json` describes the same for other programs.
 * Times are ISO 8601 in UTC, durations milliseconds, counts numbers. No row value comes in here, but for keys, and for
 * what the dashboard's aggregations name (search keywords, traffic sources, ...), which is user input: always text.
 */

/** `verified`: exact at its fence; `in-flight`: changed since, and not yet compared; `healing`: differences are being
 * healed; `diverged`: differences stand; `unverified`: never compared. */
export type BucketState = "verified" | "in-flight" | "healing" | "diverged" | "unverified";

/** `GET /api/status`, and the event `status` of `GET /api/events` whenever it changed, at most once a second. */
export type Status = {
  readonly at: string;
  /** The one sentence at the top of the page: what is exact up to when, or what is not and what is done about it. */
  readonly sentence: string;
  readonly verdict: "exact" | "healing" | "diverged" | "unknown";
  /** Up to when all tables are exact; null while one of them is not known. */
  readonly exactUpTo: string | null;
  /** Rises when buckets, incidents, silences or runs change: then their addresses have something new. */
  readonly revision: number;
  readonly stages: readonly Stage[];
  readonly tables: readonly TableView[];
  readonly incidents: { readonly firing: number; readonly pending: number };
  /** Whether this watchdog leads; another one may. */
  readonly leading: boolean;
};

export type StageName = "csv" | "postgres" | "debezium" | "kafka" | "sink" | "elasticsearch";

/** One stage of the flow. */
export type Stage = {
  readonly name: StageName;
  readonly health: "well" | "warning" | "critical" | "unknown";
  /** Why it is not well, in words. */
  readonly reason: string | null;
  /** Rows, changes or messages a second, of the last seconds; null where it is not known. */
  readonly ratePerSecond: number | null;
  /** How far it is behind the stage before it. */
  readonly lag: { readonly count: number; readonly unit: "bytes" | "messages" | "rows" | "ms" } | null;
};

export type TableView = {
  readonly table: string;
  readonly rows: number | null;
  readonly documents: number | null;
  /** The fence behind which the recent window and every touched bucket were last found clean. */
  readonly exactUpTo: string | null;
  readonly exactUpToLsn: string | null;
  /** The fence of the least recently verified bucket; null while the first scrub is under way. */
  readonly everyBucketSince: string | null;
  /** Share of the rows in buckets that are verified, 0 to 1. */
  readonly coverage: number;
  readonly divergences: Readonly<Record<"missing" | "stale" | "corrupt" | "ghost", number>>;
  readonly healing: number;
  readonly quarantined: number;
  /** Why healing waits for a person; null where it does not. */
  readonly hold: string | null;
};

/** `GET /api/buckets?from=&to=&columns=`: the heat map, at most `columns` columns a table. */
export type Buckets = {
  readonly from: string;
  readonly to: string;
  /** Width of a column: a multiple of a bucket's. */
  readonly columnMs: number;
  readonly tables: readonly { readonly table: string; readonly cells: readonly Cell[] }[];
};

/** A column of one table; columns without rows or differences are left out. */
export type Cell = {
  readonly start: string;
  /** The worst state of its buckets. */
  readonly state: BucketState;
  readonly rows: number;
  readonly differing: number;
};

/** `GET /api/buckets/{table}?from=&to=`: the evidence of one cell, and its heals. */
export type BucketEvidence = {
  readonly table: string;
  readonly from: string;
  readonly to: string;
  readonly state: BucketState;
  readonly buckets: readonly {
    readonly start: string;
    readonly state: BucketState;
    readonly rows: number;
    readonly digestSum: string;
    readonly verifiedAt: string | null;
    readonly verifiedLsn: string | null;
  }[];
  readonly divergences: readonly DivergenceView[];
};

export type DivergenceView = {
  /** The document's id: the row's key. */
  readonly key: string;
  readonly bucket: string | null;
  readonly verdict: "missing" | "stale" | "corrupt" | "ghost";
  readonly cause: string;
  readonly detail: string;
  readonly postgresDigest: number | null;
  readonly documentDigest: number | null;
  readonly documentVersion: number | null;
  readonly fenceLsn: string;
  readonly foundAt: string;
  readonly state: "open" | "emitted" | "healed" | "gone" | "quarantined";
  readonly attempts: number;
  readonly closedAt: string | null;
};

/** `GET /api/incidents?limit=`: those that are open, then the latest that are over. */
export type Incidents = { readonly incidents: readonly IncidentDetail[] };

/** Also `GET /api/incidents/{id}`, and the answer of `POST /api/incidents/{id}/acknowledge`. */
export type IncidentDetail = {
  readonly id: number;
  readonly fingerprint: string;
  readonly kind: string;
  readonly severity: "warning" | "critical";
  readonly state: "pending" | "firing" | "resolved";
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly facts: Readonly<Record<string, string | number>>;
  readonly remedy: string;
  readonly action: string | null;
  readonly since: string;
  readonly resolvedAt: string | null;
  /** The fault that it is taken for a consequence of. */
  readonly mutedBy: string | null;
  /** The silence that holds for it, if any. */
  readonly silencedBy: number | null;
  readonly acknowledged: { readonly at: string; readonly by: string } | null;
  readonly history: readonly { readonly at: string; readonly what: string; readonly detail: string }[];
};

/** `GET /api/silences`; `POST /api/silences` takes a NewSilence and answers a SilenceView; `DELETE /api/silences/{id}`. */
export type Silences = { readonly silences: readonly SilenceView[] };

export type SilenceView = {
  readonly id: number;
  /** As they are typed: `kind=slot-missing`. */
  readonly matchers: readonly string[];
  readonly author: string;
  readonly reason: string;
  readonly startsAt: string;
  readonly endsAt: string;
};

export type NewSilence = {
  readonly matchers: readonly string[];
  readonly author: string;
  readonly reason: string;
  readonly durationSeconds: number;
};

/** What `POST /api/incidents/{id}/acknowledge` takes. */
export type Acknowledgement = { readonly by?: string };

/** `GET /api/runs?limit=&kind=&table=`: the latest first. */
export type Runs = { readonly runs: readonly RunView[] };

export type RunView = {
  readonly id: number;
  readonly kind: "recent" | "scrub" | "check";
  readonly table: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly outcome: "clean" | "diverged" | "unsettled" | "fence-not-passed";
  readonly fenceLsn: string | null;
  readonly fenceAt: string | null;
  /** Milliseconds that each stage took to let the fence pass. */
  readonly fenceWaits: Readonly<Record<string, number>>;
  readonly postgresRows: number | null;
  readonly elasticsearchDocuments: number | null;
  readonly postgresLatest: string | null;
  readonly elasticsearchLatest: string | null;
  readonly divergences: number;
};

/** `POST /api/check` and `POST /api/heal` take this, begin the work and answer 202; what it finds shows in status. */
export type WorkRequest = {
  readonly table?: string;
  readonly from?: string;
  readonly to?: string;
  /** check: read every document. */
  readonly deep?: boolean;
  /** heal: a person has looked, and caps do not hold. */
  readonly confirm?: boolean;
};

/** `GET /api/dashboard?from=&to=`: the tutorial's panels, from Elasticsearch's own aggregations; 5 s old at most. */
export type Dashboard = {
  readonly at: string;
  readonly from: string;
  readonly to: string;
  readonly clicks: number;
  readonly transactions: number;
  readonly totalSale: number;
  readonly searchKeywords: readonly Share[];
  readonly trafficSources: readonly Share[];
  readonly eventNames: readonly Share[];
  readonly paymentMethods: readonly Share[];
  readonly perMinute: {
    readonly intervalMs: number;
    readonly points: readonly { readonly at: string; readonly clicks: number; readonly transactions: number }[];
  };
  readonly perTenMinutes: readonly {
    readonly at: string;
    readonly customers: number;
    readonly items: number;
    readonly products: number;
    readonly totalCost: number;
  }[];
  readonly shipments: readonly { readonly latitude: number; readonly longitude: number; readonly count: number }[];
  /** What is known to differ between these figures and PostgreSQL, by table, in words; empty when nothing is. */
  readonly caveats: readonly { readonly table: string; readonly rows: number; readonly text: string }[];
};

export type Share = { readonly name: string; readonly count: number };

/** The answer of `POST /api/check` and `POST /api/heal`. */
export type Begun = { readonly begun: "check" | "heal" };

/** `GET /api/session`, and the answer of `POST` (which takes a SignIn and sets the cookie) and `DELETE` (which ends it). */
export type Session = { readonly signedIn: boolean };

/** The token is WATCHDOG_TOKEN, or of the file that the watchdog's log names; a link may bring it as `/#token=...`. */
export type SignIn = { readonly token: string };

/** Every answer that is not 2xx. 401: sign in first; 409: not leading, or under way already; 503: a server is away. */
export type ApiError = { readonly error: string; readonly expected?: string };
