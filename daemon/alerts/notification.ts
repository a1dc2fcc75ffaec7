/** What happened to the incidents of a message; `test` is a person's trial of a channel. */
export type NotificationEvent = "firing" | "repeat" | "resolved" | "test";

/** An incident as a message shows it, taken when the message was decided on. */
export type IncidentView = {
  /** Null where it could not be kept yet: PostgreSQL is away. */
  readonly id: number | null;
  /** The fault's identity: its kind and labels. */
  readonly fingerprint: string;
  /** What is wrong, in kebab case: `slot-missing`, `divergence`. */
  readonly kind: string;
  readonly severity: "warning" | "critical";
  readonly labels: Readonly<Record<string, string>>;
  /** One line for people, with figures; never a row's value. */
  readonly summary: string;
  /** The evidence, by name: rows, interval, cause, sample keys. */
  readonly facts: Readonly<Record<string, string | number>>;
  /** What a person is to type or to do. */
  readonly remedy: string;
  /** What the watchdog does about it by itself; undefined where it can do nothing. */
  readonly action?: string;
  readonly startedAtMs: number;
  /** Null while it lasts. */
  readonly resolvedAtMs: number | null;
  /** Summaries of faults that are taken for its consequences, and not told by themselves. */
  readonly consequences: readonly string[];
};

/** One message to be sent on every channel that its incidents are routed to. */
export type Notification = {
  /** Stable over all retries: the webhook-id, and part of the email's Message-ID. */
  readonly id: string;
  readonly event: NotificationEvent;
  /** Messages of one group are one thread. */
  readonly group: string;
  readonly incidents: readonly IncidentView[];
  readonly createdAtMs: number;
  /** Where the status page is; null where none is served. */
  readonly statusUrl: string | null;
};

/** What came of one attempt. */
export type Attempt =
  | { readonly kind: "delivered"; readonly detail: string }
  | {
      readonly kind: "retry";
      readonly reason: string;
      /** Milliseconds to wait at least, from the receiver's Retry-After; null where it named none. */
      readonly afterMs: number | null;
    }
  /** Never again for this message. */
  | { readonly kind: "refused"; readonly reason: string }
  /** The receiver wants no more messages: the channel is off. */
  | { readonly kind: "disabled"; readonly reason: string };
