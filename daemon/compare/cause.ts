import type { CatalogTable } from "../../src/catalog.ts";
import { readLetters } from "../../src/dead-letters/letters.ts";
import { messageOf } from "../../src/errors.ts";
import { documentIdFromKey } from "../../src/row-codec.ts";
import { parseKey } from "../../src/sink/envelope.ts";
import { indexAlias, topicOf } from "../../src/tables.ts";
import type { Context } from "../context.ts";
import { type Explanation, explain, type LastEvent } from "./explain.ts";
import { findEvents } from "./kafka-search.ts";
import type { Divergence } from "./recheck.ts";
import { readTombstones } from "./tombstones.ts";

/** Events are searched from this long before the time that a row or its document names. */
const MARGIN_MS = 5 * 60_000;

/** Finds, by looking, why each row differs: dead letters, then Kafka, then what Elasticsearch remembers of deletes. */
export async function findCauses(
  context: Context,
  table: CatalogTable,
  divergences: readonly Divergence[],
): Promise<ReadonlyMap<string, Explanation>> {
  const letters = await lettersByDocument(context, table);
  const left = new Set(divergences.filter(({ id }) => !letters.has(id)).map(({ id }) => id));
  const times = divergences
    .filter(({ id }) => left.has(id))
    .flatMap((divergence) => [divergence.document?.committedAtMs ?? divergence.bucketMs ?? 0]);
  const search =
    left.size === 0
      ? { events: new Map<string, LastEvent>(), complete: true, committed: new Map<number, bigint>() }
      : await findEvents(context, table, left, Math.min(...times) - MARGIN_MS);
  const gone = divergences.filter(({ id, document }) => left.has(id) && document === undefined).map(({ id }) => id);
  const alias = indexAlias(context.config.indexPrefix, table);
  const tombstones = await readTombstones(context.client, alias, gone);
  return new Map(
    divergences.map((divergence) => {
      const { id } = divergence;
      const event = search.events.get(id);
      const consumed = event === undefined || (search.committed.get(event.partition) ?? 0n) > event.offset;
      return [
        id,
        explain(divergence, {
          letterError: letters.get(id),
          event,
          consumed,
          searchedAll: search.complete,
          tombstone: tombstones.get(id),
        }),
      ];
    }),
  );
}

/** Elasticsearch's error of each letter of a table that names a row, by document id. */
async function lettersByDocument(context: Context, table: CatalogTable): Promise<ReadonlyMap<string, string>> {
  const topic = topicOf(context.config.topicPrefix, table);
  const errors = new Map<string, string>();
  try {
    for (const letter of await readLetters(context.kafka, context.config)) {
      if (letter.topic !== topic) continue;
      try {
        errors.set(documentIdFromKey(table, parseKey(letter.key)), `${letter.cause}: ${letter.error}`);
      } catch {
        // A letter whose key names no row explains none.
      }
    }
  } catch (error) {
    context.log.warn("the dead letters could not be read", { error: messageOf(error) });
  }
  return errors;
}
