import type { Client } from "@elastic/elasticsearch";
import type { CatalogTable } from "../../src/catalog.ts";
import { digestOf } from "../../src/digest.ts";
import { isFaithful, rowFromDocument } from "../../src/document-row.ts";
import { CodecError } from "../../src/row-codec.ts";

/** A document as Elasticsearch holds it at one moment, with its content judged by itself. */
export type DocumentState = {
  readonly version: number;
  /** The digest and the version that the sink wrote into it. */
  readonly digest: number | null;
  readonly lsn: number | null;
  /** When its change was committed, in milliseconds since 1970; null where it does not say. */
  readonly committedAtMs: number | null;
  /** The digest of its fields as they are now; null where they are no row of the table. */
  readonly contentDigest: number | null;
};

type Source = Record<string, unknown> & { tidemark?: Record<string, unknown> };
const PAGE = 500;

/** The states of those documents that exist, by id; read in real time, without waiting for a refresh. */
export async function readDocuments(
  client: Client,
  alias: string,
  table: CatalogTable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, DocumentState>> {
  const states = new Map<string, DocumentState>();
  for (let start = 0; start < ids.length; start += PAGE) {
    const { docs } = await client.mget<Source>({ index: alias, ids: ids.slice(start, start + PAGE) });
    for (const doc of docs) {
      if (!("found" in doc) || !doc.found || doc._source === undefined) continue;
      states.set(doc._id, documentState(table, doc._version ?? -1, doc._source));
    }
  }
  return states;
}

/** A document's state from its version and source; pure. */
export function documentState(table: CatalogTable, version: number, source: Source): DocumentState {
  const { digest, lsn, committed_at: committedAt } = source.tidemark ?? {};
  return {
    version,
    digest: typeof digest === "number" ? digest : null,
    lsn: typeof lsn === "number" ? lsn : null,
    committedAtMs: typeof committedAt === "string" ? Date.parse(committedAt) || null : null,
    contentDigest: contentDigest(table, source),
  };
}

/** The digest of a document's fields; null where they are not what the sink would write for any row. */
export function contentDigest(table: CatalogTable, source: Source): number | null {
  try {
    return isFaithful(table, source) ? digestOf(table, rowFromDocument(table, source)) : null;
  } catch (error) {
    if (error instanceof CodecError) return null;
    throw error;
  }
}
