import type { Finding } from "../finding.ts";
import { type Connector, jumpedTo, type Observation, type Slot } from "./observe.ts";

export type Names = { readonly slotName: string; readonly connectorName: string; readonly connectUrl: string };
export type Limits = { readonly retainedBytes: number };

/** What is wrong between PostgreSQL and Kafka; pure. */
export function findingsOf(observation: Observation, names: Names, limits: Limits): readonly Finding[] {
  return [
    ...slotFindings(observation.slot, names.slotName, limits),
    ...jumpFindings(observation, names.slotName),
    ...publicationFindings(observation.unpublished),
    ...connectorFindings(observation.connector, names),
  ];
}

function slotFindings(slot: Slot | null, name: string, limits: Limits): readonly Finding[] {
  const labels = { slot: name };
  if (slot === null) {
    return [
      {
        kind: "slot-missing",
        severity: "critical",
        labels,
        summary: `the replication slot ${name} is missing: changes since it went are in no stream`,
        facts: {},
        remedy: "bun run watchdog",
        action: "makes it anew, and finds by comparison what fell into the gap",
      },
    ];
  }
  const facts = { wal_status: slot.walStatus, retained_bytes: slot.retainedBytes };
  if (slot.walStatus === "lost") {
    return [
      {
        kind: "slot-lost",
        severity: "critical",
        labels,
        summary: `PostgreSQL has invalidated the replication slot ${name}: it held back more WAL than max_slot_wal_keep_size`,
        facts,
        remedy: "raise max_slot_wal_keep_size; bun run watchdog",
        action: "drops it, makes it anew, and finds by comparison what fell into the gap",
      },
    ];
  }
  const found: Finding[] = [];
  if (!slot.active) {
    found.push({
      kind: "slot-inactive",
      severity: "critical",
      labels,
      summary: `nobody reads the replication slot ${name}`,
      facts,
      remedy: "bun run doctor",
    });
  }
  if (slot.retainedBytes > limits.retainedBytes) {
    found.push({
      kind: "slot-retains-wal",
      severity: "warning",
      labels,
      summary: `the replication slot ${name} keeps ${Math.round(slot.retainedBytes / 1_048_576)} MiB of WAL`,
      facts,
      remedy: "bun run watchdog status",
    });
  }
  return found;
}

function jumpFindings(observation: Observation, slot: string): readonly Finding[] {
  if (jumpedTo(observation) === null) return [];
  return [
    {
      kind: "slot-jumped",
      severity: "critical",
      labels: { slot },
      summary: `the replication slot ${slot} was moved beyond what Debezium has read: changes in between are in no stream`,
      facts: {},
      remedy: "bun run watchdog heal",
      action: "finds by comparison what was jumped over",
    },
  ];
}

function publicationFindings(unpublished: Observation["unpublished"]): readonly Finding[] {
  return unpublished.map(({ table, exists }) => ({
    kind: exists ? "table-unpublished" : "table-missing",
    severity: "critical",
    labels: { table },
    summary: exists
      ? `table ${table} is not in the publication tidemark: its changes are in no stream`
      : `table ${table} does not exist`,
    facts: {},
    remedy: exists ? `ALTER PUBLICATION tidemark ADD TABLE public.${table}` : "bun run setup",
    ...(exists ? { action: "adds it, and finds by comparison what was missed" } : {}),
  }));
}

function connectorFindings(connector: Observation["connector"], names: Names): readonly Finding[] {
  const labels = { connector: names.connectorName };
  const base = { severity: "critical", labels, facts: {} } as const;
  if (connector === null) {
    const action = "registers it again, without a snapshot";
    return [
      {
        ...base,
        kind: "connector-missing",
        summary: `connector ${names.connectorName} does not exist`,
        remedy: "bun run setup",
        action,
      },
    ];
  }
  if ("unreachable" in connector) {
    const summary = `Kafka Connect at ${names.connectUrl} does not answer`;
    return [{ ...base, kind: "connect-unreachable", summary, remedy: "bun run stack status" }];
  }
  if (isHeldByPerson(connector)) {
    const summary = `connector ${names.connectorName} is ${connector.state}`;
    const remedy = `curl -X PUT ${names.connectUrl}/connectors/${names.connectorName}/resume`;
    return [{ ...base, kind: "connector-stopped", summary, remedy }];
  }
  const failed = connector.tasks.filter((task) => task.state === "FAILED");
  if (failed.length > 0 || connector.state === "FAILED") {
    const summary = `connector ${names.connectorName} failed: ${failed[0]?.error?.slice(0, 300) ?? "no trace"}`;
    return [
      { ...base, kind: "connector-failed", summary, remedy: "bun run stack logs connect", action: "restarts it" },
    ];
  }
  return [];
}

/** PAUSED and STOPPED are what a person asked for. */
export function isHeldByPerson(connector: Connector): boolean {
  return connector.state === "PAUSED" || connector.state === "STOPPED";
}
