import { parseLsn } from "../../src/lsn.ts";
import type { Context } from "../context.ts";
import type { Finding } from "../finding.ts";
import type { Connector } from "./connector.ts";

/** The slot as PostgreSQL has it; LSNs as integers. */
export type Slot = {
  readonly active: boolean;
  /** `reserved`, `extended`, `unreserved` or `lost` (PostgreSQL's manual, pg_replication_slots). */
  readonly walStatus: string;
  readonly confirmedLsn: number | null;
  readonly retainedBytes: number;
};

export const slotKinds = ["slot-missing", "slot-lost", "slot-inactive", "slot-retains-wal"] as const;

/** The replication slot; null where there is none. */
export async function readSlot({ sql, config }: Context): Promise<Slot | null> {
  const [row] = await sql<
    { active: boolean; wal_status: string | null; confirmed: string | null; retained: string | null }[]
  >`
    SELECT active, wal_status, confirmed_flush_lsn::text AS confirmed, pg_current_wal_lsn() - restart_lsn AS retained
    FROM pg_replication_slots WHERE slot_name = ${config.slotName}`;
  if (row === undefined) return null;
  return {
    active: row.active,
    walStatus: row.wal_status ?? "lost",
    confirmedLsn: row.confirmed === null ? null : parseLsn(row.confirmed),
    retainedBytes: Number(row.retained ?? 0),
  };
}

/** What is wrong with the slot itself; pure. */
export function slotFindings(slot: Slot | null, name: string, maxRetainedBytes: number): readonly Finding[] {
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
  if (slot.retainedBytes > maxRetainedBytes) {
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

/**
 * Where the slot was moved beyond what Debezium has read, its new position: Debezium confirms to the slot only what
 * Connect has stored, so other hands advanced or remade the slot, and what lies between is in no stream. Null
 * otherwise. Debezium itself does not notice where the slot was advanced.
 */
export function jumpedTo(slot: Slot | null, connector: Connector | null): number | null {
  if (slot === null || slot.confirmedLsn === null || connector === null || connector.offsetLsn === null) return null;
  return slot.confirmedLsn > connector.offsetLsn ? slot.confirmedLsn : null;
}

/** Pure. */
export function jumpFindings(slot: Slot | null, connector: Connector | null, name: string): readonly Finding[] {
  if (jumpedTo(slot, connector) === null) return [];
  return [
    {
      kind: "slot-jumped",
      severity: "critical",
      labels: { slot: name },
      summary: `the replication slot ${name} was moved beyond what Debezium has read: changes in between are in no stream`,
      facts: {},
      remedy: "bun run watchdog heal",
      action: "finds by comparison what was jumped over",
    },
  ];
}
