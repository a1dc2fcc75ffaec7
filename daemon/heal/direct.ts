import type { CatalogTable } from "../../src/catalog.ts";
import { OperationError } from "../../src/errors.ts";
import { encodeOperation, sendBulk } from "../../src/sink/bulk.ts";
import { judgeItem } from "../../src/sink/bulk-result.ts";
import type { KeyOperation } from "../../src/sink/coalesce.ts";
import { decide } from "../../src/sink/decide.ts";
import { parseEnvelope } from "../../src/sink/envelope.ts";
import { indexAlias } from "../../src/tables.ts";
import type { Context } from "../context.ts";

type Event = { readonly key: Buffer; readonly value: Buffer | null };

/**
 * Writes heal events to Elasticsearch as the sink would, without Kafka. What Elasticsearch refuses is left for the
 * confirmation to find.
 * @throws OperationError where the request as a whole fails
 */
export async function writeDirectly(context: Context, table: CatalogTable, events: readonly Event[]): Promise<void> {
  const operations = events.flatMap(({ key, value }): KeyOperation[] => {
    const envelope = value === null ? null : parseEnvelope(value);
    const operation = envelope && decide(table, envelope, key);
    return operation && operation.kind !== "truncate" ? [operation] : [];
  });
  await apply(context, table, operations);
}

/** Deletes ghosts whose id no row of the table can have: no event's key can name them. */
export async function deleteDirectly(
  context: Context,
  table: CatalogTable,
  ids: readonly string[],
  version: number,
): Promise<void> {
  await apply(
    context,
    table,
    ids.map((id) => ({ kind: "delete", id, version })),
  );
}

async function apply(context: Context, table: CatalogTable, operations: readonly KeyOperation[]): Promise<void> {
  if (operations.length === 0) return;
  const alias = indexAlias(context.config.indexPrefix, table);
  const body = operations.map((operation) => encodeOperation(alias, operation, Date.now())).join("");
  const outcome = await sendBulk(context.client, body, context.signal);
  if (outcome.kind !== "answered") {
    throw new OperationError(`healing directly: ${outcome.kind === "failed" ? outcome.cause : outcome.error}`);
  }
  if (outcome.items === "all-applied") return;
  for (const item of outcome.items) {
    const verdict = judgeItem(item);
    if (verdict.kind === "refused") {
      context.log.warn("Elasticsearch refused a heal", { table: table.name, error: verdict.error });
    }
  }
}
