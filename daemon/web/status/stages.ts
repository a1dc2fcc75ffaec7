import type { Stage, StageName } from "../api.ts";
import type { Away, OpenIncident } from "./truth.ts";

/** What is measured of the flow; null where it is not known. */
export type Flow = {
  readonly rates: Readonly<Record<StageName, number | null>>;
  readonly slotBytes: number | null;
  readonly sinkMessages: number | null;
  /** What the last fence waited for a refresh, in milliseconds. */
  readonly refreshMs: number | null;
};

/** Servers that do not answer the page's own questions; null where they do. */
export type Absences = Readonly<Record<"postgres" | "kafka" | "elasticsearch", Away | null>>;

export const STAGE_NAMES: readonly StageName[] = ["csv", "postgres", "debezium", "kafka", "sink", "elasticsearch"];

const BY_PREFIX: readonly (readonly [prefix: string, stage: StageName])[] = [
  ["events-stale", "csv"],
  ["postgres-", "postgres"],
  ["table-missing", "postgres"],
  ["slot-", "debezium"],
  ["connector-", "debezium"],
  ["connect-", "debezium"],
  ["table-unpublished", "debezium"],
  ["kafka-", "kafka"],
  ["sink-", "sink"],
  ["dead-letters", "sink"],
  ["elasticsearch-", "elasticsearch"],
];

const BY_FENCE: Readonly<Record<string, StageName>> = {
  slot: "debezium",
  sink: "sink",
  elasticsearch: "elasticsearch",
};

/** The stage that an incident is about; null where it is about none. Pure. */
export function stageOf({ kind, facts }: Pick<OpenIncident, "kind" | "facts">): StageName | null {
  if (kind === "latency-high") return BY_FENCE[String(facts.stage ?? "")] ?? null;
  return BY_PREFIX.find(([prefix]) => kind.startsWith(prefix))?.[1] ?? null;
}

/** The six stages, each with its rate, its lag and its health; pure. */
export function stagesOf(flow: Flow, incidents: readonly OpenIncident[], absences: Absences): readonly Stage[] {
  return STAGE_NAMES.map((name) => ({
    name,
    ...healthOf(name, incidents, absences),
    ratePerSecond: flow.rates[name],
    lag: lagOf(name, flow),
  }));
}

function healthOf(
  name: StageName,
  incidents: readonly OpenIncident[],
  absences: Absences,
): Pick<Stage, "health" | "reason"> {
  const away = name === "postgres" || name === "kafka" || name === "elasticsearch" ? absences[name] : null;
  const worst = incidents
    .filter((incident) => stageOf(incident) === name)
    .sort((one, other) => rank(other) - rank(one))[0];
  if (worst !== undefined && rank(worst) === 2) return { health: "critical", reason: worst.summary };
  // What is wrong for certain is an incident: the leader's probes are more patient.
  if (away !== null) return { health: "warning", reason: `it does not answer: ${away.reason}` };
  if (worst !== undefined) return { health: "warning", reason: worst.summary };
  // All that is known of these comes from PostgreSQL.
  if (absences.postgres !== null && (name === "csv" || name === "debezium")) {
    return { health: "unknown", reason: "PostgreSQL does not answer" };
  }
  if (absences.kafka !== null && name === "sink") return { health: "unknown", reason: "Kafka does not answer" };
  return { health: "well", reason: null };
}

/** What may pass by itself, and what is a consequence of something else, is a warning at most. */
function rank({ severity, state, muted }: OpenIncident): number {
  return severity === "critical" && state === "firing" && !muted ? 2 : 1;
}

function lagOf(name: StageName, flow: Flow): Stage["lag"] {
  const lag = (count: number | null, unit: "bytes" | "messages" | "ms") => (count === null ? null : { count, unit });
  switch (name) {
    case "debezium":
      return lag(flow.slotBytes, "bytes");
    case "sink":
      return lag(flow.sinkMessages, "messages");
    case "elasticsearch":
      return lag(flow.refreshMs, "ms");
    default:
      return null;
  }
}
