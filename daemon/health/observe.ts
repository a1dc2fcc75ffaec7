import { messageOf } from "../../src/errors.ts";
import { parseLsn } from "../../src/lsn.ts";
import { connectorExists, connectorStatus, readOffsets } from "../../src/setup/connector.ts";
import type { Context } from "../context.ts";

/** The slot as PostgreSQL has it; LSNs as integers. */
export type Slot = {
  readonly active: boolean;
  /** `reserved`, `extended`, `unreserved` or `lost` (PostgreSQL's manual, pg_replication_slots). */
  readonly walStatus: string;
  readonly confirmedLsn: number | null;
  readonly retainedBytes: number;
};

export type Connector = {
  readonly state: string;
  readonly tasks: readonly { readonly id: number; readonly state: string; readonly error: string | null }[];
  /** The LSN that Connect has stored as Debezium's position; null where it has none. */
  readonly offsetLsn: number | null;
};

/** What there is between PostgreSQL and Kafka, at one moment. */
export type Observation = {
  readonly slot: Slot | null;
  /** null: it does not exist; `unreachable`: Kafka Connect does not answer. */
  readonly connector: Connector | null | { readonly unreachable: string };
  /** Declared tables that the publication does not have; of those, some may not exist. */
  readonly unpublished: readonly { readonly table: string; readonly exists: boolean }[];
  /** A mend of the slot was begun and not finished. */
  readonly mending: boolean;
};

/**
 * Where the slot was moved beyond what Debezium has read, its new position: Debezium confirms to the slot only what
 * Connect has stored, so other hands advanced or remade the slot, and what lies between is in no stream. Null
 * otherwise. Debezium itself does not notice where the slot was advanced.
 */
export function jumpedTo({ slot, connector }: Observation): number | null {
  if (slot === null || slot.confirmedLsn === null || connector === null || "unreachable" in connector) return null;
  return connector.offsetLsn !== null && slot.confirmedLsn > connector.offsetLsn ? slot.confirmedLsn : null;
}

/** Looks at slot, publication and connector. The slot comes first: Connect's offset is then no older than it. */
export async function observe(context: Context): Promise<Observation> {
  const { sql, config, tables } = context;
  const [row] = await sql<
    { active: boolean; wal_status: string | null; confirmed: string | null; retained: string | null }[]
  >`
    SELECT active, wal_status, confirmed_flush_lsn::text AS confirmed, pg_current_wal_lsn() - restart_lsn AS retained
    FROM pg_replication_slots WHERE slot_name = ${config.slotName}`;
  const names = tables.map((table) => table.name);
  const unpublished = await sql<{ table: string; exists: boolean }[]>`
    SELECT name AS table, to_regclass('public.' || quote_ident(name)) IS NOT NULL AS exists
    FROM unnest(${names}::text[]) AS name
    WHERE name NOT IN (SELECT tablename FROM pg_publication_tables WHERE pubname = 'tidemark' AND schemaname = 'public')`;
  const marks = await sql`SELECT FROM watchdog.mending WHERE what = 'slot'`;
  return {
    slot: row
      ? {
          active: row.active,
          walStatus: row.wal_status ?? "lost",
          confirmedLsn: row.confirmed === null ? null : parseLsn(row.confirmed),
          retainedBytes: Number(row.retained ?? 0),
        }
      : null,
    connector: await observeConnector(context),
    unpublished: [...unpublished],
    mending: marks.length > 0,
  };
}

async function observeConnector(context: Context): Promise<Observation["connector"]> {
  try {
    const status = (await connectorExists(context.config)) ? await connectorStatus(context.config) : null;
    if (status === null) return null;
    const tasks = status.tasks.map(({ id, state, trace }) => ({ id, state, error: trace?.split("\n")[0] ?? null }));
    const [offset] = await readOffsets(context.config);
    const { lsn = 0, lsn_commit = 0, lsn_proc = 0 } = offset?.offset ?? {};
    const offsetLsn = Math.max(lsn, lsn_commit, lsn_proc);
    return { state: status.connector.state, tasks, offsetLsn: offsetLsn > 0 ? offsetLsn : null };
  } catch (error) {
    return { unreachable: messageOf(error) };
  }
}
