import type { Postgres } from "../../src/postgres.ts";
import { about, type Check, skipped } from "./check.ts";

export type Slot = {
  readonly plugin: string | null;
  readonly database: string | null;
  readonly active: boolean;
  /** `reserved`, `extended`, `unreserved` or `lost` (PostgreSQL's manual, pg_replication_slots). */
  readonly walStatus: string | null;
  readonly retainedBytes: number;
};

/** What the connector is known to be: it explains a slot that nobody reads. */
export type ConnectorState = "running" | "not running" | "missing" | "unknown";

export const slotChecks = ["slot", "slot-wal", "slot-reader"] as const;

/** Asks for the slot that Debezium reads; null where there is none. */
export async function askSlot(sql: Postgres, name: string): Promise<Slot | null> {
  const [slot] = await sql<(Omit<Slot, "retainedBytes"> & { retained: string | null })[]>`
    SELECT plugin::text, database::text, active, wal_status AS "walStatus",
           CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_lsn() - restart_lsn END AS retained
    FROM pg_replication_slots WHERE slot_name = ${name}`;
  return slot === undefined ? null : { ...slot, retainedBytes: Number(slot.retained ?? 0) };
}

/** Whether the slot is there, is Debezium's, keeps what it needs, and is read; pure. */
export function judgeSlot(
  slot: Slot | null,
  names: { readonly slotName: string; readonly postgresDatabase: string; readonly watchdogMaxWalMegabytes: number },
  connector: ConnectorState,
): readonly Check[] {
  const labels = { slot: names.slotName };
  const exists = about("slot", `a logical slot of pgoutput in database ${names.postgresDatabase}`, labels);
  const [, ...others] = slotChecks;
  if (slot === null) {
    // The watchdog makes it anew without a snapshot; a connector that is yet to be registered makes it itself.
    const remedy = connector === "missing" ? "bun run setup" : "bun run watchdog";
    return [exists.fail("does not exist", remedy), ...skipped(others, "the slot does not exist", labels)];
  }
  const right = slot.plugin === "pgoutput" && slot.database === names.postgresDatabase;
  const found = `${slot.plugin ?? "physical"} in database ${slot.database ?? "(none)"}`;
  return [
    right ? exists.ok(found) : exists.fail(found, "set SLOT_NAME to a name that no other program uses; bun run setup"),
    judgeWal(slot, names.watchdogMaxWalMegabytes, labels),
    judgeReader(slot, connector, labels),
  ];
}

function judgeWal(slot: Slot, maxMegabytes: number, labels: { readonly slot: string }): Check {
  const wal = about("slot-wal", `keeps the WAL that Debezium has yet to read, below ${maxMegabytes} MiB`, labels);
  const megabytes = Math.round(slot.retainedBytes / 1_048_576);
  const found = `${slot.walStatus ?? "lost"}, ${megabytes} MiB`;
  if (slot.walStatus === null || slot.walStatus === "lost") {
    return wal.fail(
      "lost: it held back more WAL than max_slot_wal_keep_size",
      "bun run watchdog, which makes it anew and heals the gap; raise max_slot_wal_keep_size",
    );
  }
  if (slot.walStatus === "unreserved") {
    return wal.warn(found, "ALTER SYSTEM SET max_slot_wal_keep_size = '50GB'; SELECT pg_reload_conf();");
  }
  return megabytes > maxMegabytes ? wal.warn(found, "bun run watchdog status") : wal.ok(found);
}

function judgeReader(slot: Slot, connector: ConnectorState, labels: { readonly slot: string }): Check {
  const reader = about("slot-reader", "read by the connector", labels);
  if (slot.active) return reader.ok("active");
  if (connector === "missing" || connector === "not running") return reader.skip(`the connector is ${connector}`);
  return reader.fail("nobody reads it", "bun run stack logs connect");
}
