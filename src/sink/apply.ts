import { type Client, errors } from "@elastic/elasticsearch";
import type { Producer } from "kafkajs";
import type { CatalogTable } from "../catalog.ts";
import type { Config } from "../config.ts";
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import { deadLetterTopic } from "../setup/topics.ts";
import { indexAlias } from "../tables.ts";
import { encodeOperation, sendBulk } from "./bulk.ts";
import { type BulkItem, judgeItem } from "./bulk-result.ts";
import { coalesce, type KeyOperation } from "./coalesce.ts";
import { type DeadLetter, type SourceMessage, sendLetters } from "./dead-letters.ts";
import { ensureIndices } from "./indices.ts";
import type { Metrics } from "./metrics.ts";
import type { Patience } from "./patience.ts";

/** An operation with the message that it came from, and when its change was committed. */
export type Entry = {
  readonly operation: KeyOperation;
  readonly message: SourceMessage;
  readonly committedAtMicros: number;
};

export type ApplyContext = {
  readonly client: Client;
  readonly producer: Producer;
  readonly config: Config;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Aborts requests in flight when stopping takes too long. */
  readonly abort: AbortSignal;
  /** Told, for each operation applied, the time from its commit to Elasticsearch's acknowledgement. */
  readonly onIndexed: (latencyMs: number) => void;
  /** Told whether Elasticsearch answers, for /readyz. */
  readonly onElasticsearch: (answers: boolean) => void;
};

/**
 * Brings the operations of one partition to Elasticsearch, in order for each key. Returns when every one is safe:
 * applied, rejected as older, or in the dead-letter topic.
 * @throws StoppedError when the sink is to stop before
 */
export async function applyEntries(
  context: ApplyContext,
  table: CatalogTable,
  entries: readonly Entry[],
  patience: Patience,
): Promise<void> {
  const kept = coalesce(entries);
  for (const chunk of cut(kept, context.config.sinkBulkActions)) await applyChunk(context, table, chunk, patience);
  for (const { operation } of entries) context.metrics.events.inc({ table: table.name, operation: operation.kind });
}

function cut<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  const chunks: (readonly T[])[] = [];
  for (let start = 0; start < list.length; start += size) chunks.push(list.slice(start, start + size));
  return chunks;
}

async function applyChunk(
  context: ApplyContext,
  table: CatalogTable,
  chunk: readonly Entry[],
  patience: Patience,
): Promise<void> {
  const alias = indexAlias(context.config.indexPrefix, table);
  let pending = chunk;
  for (let attempt = 1; pending.length > 0; attempt++) {
    const now = Date.now();
    const { body, count } = encodeSome(alias, pending, context.config.sinkBulkBytes, now);
    const sent = pending.slice(0, count);
    const outcome = await patience.during(sendBulk(context.client, body, context.abort));
    context.metrics.bulkSeconds.observe((Date.now() - now) / 1000);
    context.onElasticsearch(outcome.kind !== "failed");
    if (outcome.kind === "failed") {
      await patience.backOff(attempt, `Elasticsearch: ${outcome.cause}`);
      continue;
    }
    if (outcome.kind === "too-much") {
      await applyHalves(context, table, sent, outcome.error, patience);
      pending = pending.slice(count);
      continue;
    }
    const { again, cause } = await settle(context, table, sent, outcome.items, patience);
    pending = [...again, ...pending.slice(count)];
    if (again.length > 0) await patience.backOff(attempt, cause);
    else attempt = 0;
  }
}

/** As many operations as fit into one request, one at least. */
function encodeSome(alias: string, entries: readonly Entry[], maxBytes: number, nowMs: number) {
  let body = "";
  let count = 0;
  for (const { operation } of entries) {
    const lines = encodeOperation(alias, operation, nowMs);
    if (count > 0 && body.length + lines.length > maxBytes) break;
    body += lines;
    count++;
  }
  return { body, count };
}

/** A request that was refused whole is halved until the one operation that it is about stands alone. */
async function applyHalves(
  context: ApplyContext,
  table: CatalogTable,
  entries: readonly Entry[],
  error: string,
  patience: Patience,
): Promise<void> {
  const [only] = entries;
  if (entries.length === 1 && only) return refuse(context, table, [letterOf(only, error)], patience);
  const middle = Math.ceil(entries.length / 2);
  await applyChunk(context, table, entries.slice(0, middle), patience);
  await applyChunk(context, table, entries.slice(middle), patience);
}

async function settle(
  context: ApplyContext,
  table: CatalogTable,
  sent: readonly Entry[],
  items: readonly BulkItem[] | "all-applied",
  patience: Patience,
): Promise<{ again: readonly Entry[]; cause: string }> {
  const indexedAtMs = Date.now();
  const latency = context.metrics.latencySeconds.labels({ table: table.name });
  const again: Entry[] = [];
  const alias = indexAlias(context.config.indexPrefix, table);
  const refused: { entry: Entry; error: string }[] = [];
  let cause = "";
  let indexMissing = false;
  sent.forEach((entry, position) => {
    const item = items === "all-applied" ? { status: 200 } : items[position];
    // An answer with fewer items than operations says nothing about the rest.
    const verdict = item === undefined ? { kind: "retry" as const, cause: "no answer for an item" } : judgeItem(item);
    switch (verdict.kind) {
      case "applied":
        context.onIndexed(indexedAtMs - entry.committedAtMicros / 1000);
        latency.observe(Math.max(0, indexedAtMs - entry.committedAtMicros / 1000) / 1000);
        break;
      case "older":
        context.metrics.older.inc({ table: table.name });
        break;
      case "no-index":
        indexMissing = true;
        cause = "the index is missing";
        again.push(entry);
        break;
      case "retry":
        cause = `Elasticsearch: ${verdict.cause}`;
        again.push(entry);
        break;
      case "refused":
        refused.push({ entry, error: verdict.error });
        break;
    }
  });
  const superseded = await supersededOf(context, alias, refused);
  context.metrics.older.inc({ table: table.name }, superseded.size);
  const letters = refused.filter(({ entry }) => !superseded.has(entry.operation.id));
  await refuse(
    context,
    table,
    letters.map(({ entry, error }) => letterOf(entry, error)),
    patience,
  );
  if (indexMissing) await remakeIndex(context, table);
  return { again, cause };
}

/**
 * Of refused operations the ids of those that the index is past already. Elasticsearch reads a document before it looks
 * at its version, so that a refused change is refused again when it is redelivered after the row was mended.
 */
async function supersededOf(
  context: ApplyContext,
  alias: string,
  refused: readonly { readonly entry: Entry }[],
): Promise<ReadonlySet<string>> {
  if (refused.length === 0) return new Set();
  const ids = refused.map(({ entry }) => entry.operation.id);
  try {
    const { docs } = await context.client.mget({ index: alias, ids, _source: false });
    const versions = new Map(docs.map((doc) => [doc._id, "_version" in doc ? (doc._version ?? -1) : -1]));
    const past = refused.filter(({ entry }) => (versions.get(entry.operation.id) ?? -1) > entry.operation.version);
    return new Set(past.map(({ entry }) => entry.operation.id));
  } catch (error) {
    if (!(error instanceof errors.ElasticsearchClientError)) throw error;
    return new Set();
  }
}

async function remakeIndex(context: ApplyContext, table: CatalogTable): Promise<void> {
  try {
    await ensureIndices(context.client, context.config, [table], context.log);
  } catch (error) {
    if (!(error instanceof errors.ElasticsearchClientError)) throw error;
    context.log.warn("the missing index could not be made yet", { table: table.name, error: messageOf(error) });
  }
}

function letterOf(entry: Entry, error: string): DeadLetter {
  return { message: entry.message, refusal: { cause: "refused", error } };
}

/** Puts messages aside: dead letters, counted and logged without their content. */
export async function refuse(
  context: Pick<ApplyContext, "producer" | "config" | "metrics" | "log">,
  table: CatalogTable,
  letters: readonly DeadLetter[],
  patience: Patience,
): Promise<void> {
  await sendLetters(context.producer, deadLetterTopic(context.config), letters, patience);
  for (const { message, refusal } of letters) {
    context.metrics.deadLetters.inc({ table: table.name, cause: refusal.cause });
    const { topic, partition, offset } = message;
    context.log.warn("message put aside as a dead letter", { cause: refusal.cause, topic, partition, offset });
  }
}
