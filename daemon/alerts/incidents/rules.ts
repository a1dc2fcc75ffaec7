import type { Finding } from "../../finding.ts";

/** When a fault that is seen counts as one. */
export type Rule = {
  /** Looks that must have seen it. */
  readonly sightings: number;
  /** Milliseconds from the first of them to the last. */
  readonly forMs: number;
  /** It is told even when it was over before its message was due: something happened that people must know of. */
  readonly always: boolean;
};

/** Servers that restart look ill for a moment; what is over by itself is told to nobody. */
const condition: Rule = { sightings: 2, forMs: 8_000, always: false };
const slow: Rule = { sightings: 2, forMs: 25_000, always: false };
/** What one look proves. */
const event: Rule = { sightings: 1, forMs: 0, always: true };

const rules: Readonly<Record<string, Rule>> = {
  "slot-missing": event,
  "slot-lost": event,
  "slot-jumped": event,
  "table-unpublished": event,
  "table-missing": event,
  "connector-missing": event,
  "dead-letters": event,
  divergence: event,
  "heal-held": event,
  "heal-fails": event,
  "channel-failing": event,
  "elasticsearch-read-only": event,
  "sink-lag": slow,
  "latency-high": slow,
};

export function ruleOf(kind: string): Rule {
  return rules[kind] ?? condition;
}

/** What follows where changes went past the slot. */
const gap: readonly string[] = [
  "slot-inactive",
  "connector-failed",
  "connector-stopped",
  "latency-high",
  "run-overdue",
  "divergence",
];

/** While a fault of the kind on the left lasts, those on the right are taken for its consequences. */
const consequences: Readonly<Record<string, readonly string[]>> = {
  "postgres-unreachable": ["slot-inactive", "connector-failed", "connect-unreachable", "latency-high", "run-overdue"],
  "elasticsearch-unreachable": [
    "elasticsearch-red",
    "elasticsearch-read-only",
    "sink-absent",
    "sink-lag",
    "latency-high",
    "run-overdue",
    "divergence",
  ],
  "elasticsearch-red": ["sink-lag", "latency-high", "run-overdue", "divergence", "heal-fails"],
  "elasticsearch-read-only": ["sink-lag", "latency-high", "run-overdue", "divergence", "heal-fails"],
  "kafka-unreachable": [
    "connect-unreachable",
    "connector-failed",
    "connector-missing",
    "slot-inactive",
    "slot-retains-wal",
    "sink-absent",
    "sink-lag",
    "latency-high",
    "run-overdue",
  ],
  "connect-unreachable": [
    "connector-failed",
    "connector-missing",
    "slot-inactive",
    "slot-retains-wal",
    "latency-high",
    "run-overdue",
  ],
  "connector-missing": [
    "connector-failed",
    "slot-inactive",
    "slot-missing",
    "slot-retains-wal",
    "latency-high",
    "run-overdue",
  ],
  "connector-stopped": ["slot-inactive", "slot-retains-wal", "latency-high", "run-overdue"],
  "connector-failed": ["slot-inactive", "slot-retains-wal", "latency-high", "run-overdue"],
  "slot-missing": gap,
  "slot-lost": gap,
  "slot-jumped": gap,
  "table-missing": ["table-unpublished", "connector-failed", "slot-inactive", "run-overdue", "latency-high"],
  "table-unpublished": ["divergence"],
  "dead-letters": ["divergence"],
  "sink-absent": ["sink-lag", "latency-high", "run-overdue"],
  "sink-lag": ["latency-high", "run-overdue"],
  "slot-inactive": ["latency-high", "run-overdue"],
  "latency-high": ["run-overdue"],
  "heal-held": ["divergence"],
  "heal-fails": ["divergence"],
};

/** Whether one fault explains another: by their kinds, where they are not about different tables, slots or connectors. */
export function explains(cause: Pick<Finding, "kind" | "labels">, other: Pick<Finding, "kind" | "labels">): boolean {
  if (!consequences[cause.kind]?.includes(other.kind)) return false;
  return Object.entries(cause.labels).every(
    ([name, value]) => other.labels[name] === undefined || other.labels[name] === value,
  );
}
