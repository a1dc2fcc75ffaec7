import { type Table, topicOf } from "../../src/tables.ts";
import { type Context, connectKafka } from "../context.ts";
import { type EndOffsets, messagesBehind, readCommitted, readEnds } from "./fence.ts";

/** How far each stage is behind the one before it, now. */
export type Lag = {
  /** Bytes of WAL that Debezium has not confirmed; null where there is no slot. */
  readonly slotBytes: number | null;
  readonly sinkMessages: number;
};

/** @throws UnreachableError where Kafka does not answer */
export async function readLag(context: Context): Promise<Lag> {
  const [slot] = await context.sql<{ behind: string }[]>`
    SELECT pg_current_wal_lsn() - confirmed_flush_lsn AS behind FROM pg_replication_slots
    WHERE slot_name = ${context.config.slotName}`;
  await connectKafka(context);
  const behind = messagesBehind(await readEnds(context), await readCommitted(context));
  return { slotBytes: slot === undefined ? null : Number(slot.behind), sinkMessages: Number(behind) };
}

/** Messages of each table's topic that the sink's group has not committed; pure. */
export function lagByTable(
  tables: readonly Table[],
  topicPrefix: string,
  ends: EndOffsets,
  committed: ReadonlyMap<string, bigint>,
): readonly { readonly table: string; readonly messages: number }[] {
  return tables.map((table) => {
    const topic = topicOf(topicPrefix, table);
    const own = new Map([...ends].filter(([partition]) => partition.startsWith(`${topic}/`)));
    return { table: table.name, messages: Number(messagesBehind(own, committed)) };
  });
}
