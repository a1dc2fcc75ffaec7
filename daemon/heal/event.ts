import type { CatalogTable } from "../../src/catalog.ts";
import { connectJson, eventFromRow, eventKey } from "../../src/event-row.ts";
import type { Row } from "../../src/row-codec.ts";
import { EXPIRES_HEADER, HEAL_EXPIRY_MS, HEAL_HEADER } from "../../src/sink/expiry.ts";

/** The row as it was read, or the key of one that is gone. */
export type HealedRow = Row | { readonly deletedKey: readonly string[] };

export type HealEventOptions = {
  readonly topicPrefix: string;
  readonly database: string;
  /** See healVersion. */
  readonly version: number;
  readonly healId: number;
  /** When the row was read. */
  readonly nowMs: number;
};

export type HealMessage = {
  readonly key: Buffer;
  readonly value: Buffer | null;
  readonly headers: Record<string, string>;
};

/**
 * The messages that bring every consumer of a table's topic to the row as it is now, in Debezium's shape: a read (`r`),
 * as its snapshots send it; for a row that is gone a delete (`d`) and the tombstone that follows it.
 */
export function healEvents(table: CatalogTable, healed: HealedRow, options: HealEventOptions): readonly HealMessage[] {
  const { version, nowMs } = options;
  const deleted = isDeleted(healed);
  const row = deleted ? keyRow(table, healed.deletedKey) : healed;
  const envelope = {
    before: deleted ? eventFromRow(table, row) : null,
    after: deleted ? null : eventFromRow(table, row),
    source: {
      version: "tidemark",
      connector: "postgresql",
      name: options.topicPrefix,
      ts_ms: nowMs,
      snapshot: "incremental",
      db: options.database,
      sequence: `[null,"${version}"]`,
      ts_us: nowMs * 1_000,
      ts_ns: nowMs * 1_000_000,
      schema: "public",
      table: table.name,
      txId: null,
      lsn: version,
      xmin: null,
      origin: null,
      origin_lsn: null,
    },
    transaction: null,
    op: deleted ? "d" : "r",
    ts_ms: nowMs,
    ts_us: nowMs * 1_000,
    ts_ns: nowMs * 1_000_000,
  };
  const key = connectJson(eventKey(table, row));
  const headers = { [EXPIRES_HEADER]: String(nowMs + HEAL_EXPIRY_MS), [HEAL_HEADER]: String(options.healId) };
  const message = { key, value: connectJson(envelope), headers };
  return deleted ? [message, { key, value: null, headers }] : [message];
}

function isDeleted(healed: HealedRow): healed is { readonly deletedKey: readonly string[] } {
  return Array.isArray(healed.deletedKey);
}

function keyRow(table: CatalogTable, key: readonly string[]): Row {
  return Object.fromEntries(table.key.map((name, position) => [name, key[position] ?? null]));
}
