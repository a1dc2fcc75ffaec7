import type { CatalogTable } from "../catalog.ts";
import { digestOf } from "../digest.ts";
import { CodecError, documentFromRow, documentId, documentIdFromKey, rowFromEvent } from "../row-codec.ts";
import { type Envelope, EnvelopeError, parseKey } from "./envelope.ts";

/** What a change event does to a table's index. */
export type Operation =
  | { readonly kind: "index"; readonly id: string; readonly version: number; readonly document: Document }
  | { readonly kind: "delete"; readonly id: string; readonly version: number }
  | { readonly kind: "truncate"; readonly version: number };

export type Document = Record<string, unknown> & {
  tidemark: { lsn: number; digest: number; committed_at: string };
};

/** Why a message cannot be applied, for its dead letter. */
export type Refusal = {
  readonly cause: "not-json" | "not-an-envelope" | "not-the-table" | "refused";
  readonly error: string;
};

/**
 * The operation of one change event; pure.
 * @param key the message's key: a delete's only trace of the row
 * @throws CodecError, EnvelopeError
 */
export function decide(table: CatalogTable, envelope: Envelope, key: Buffer | null): Operation {
  const { operation, version, after } = envelope;
  if (operation === "t") return { kind: "truncate", version };
  if (operation === "d" || after === null) {
    return { kind: "delete", id: documentIdFromKey(table, parseKey(key)), version };
  }
  const row = rowFromEvent(table, after);
  const document = documentFromRow(table, row) as Document;
  document.tidemark = {
    lsn: version,
    digest: digestOf(table, row),
    committed_at: isoFromMicros(envelope.committedAtMicros),
  };
  return { kind: "index", id: documentId(table, row), version, document };
}

/** Microseconds since 1970 as an ISO time with all six digits. */
export function isoFromMicros(micros: number): string {
  const milliseconds = Math.floor(micros / 1000);
  const rest = String(micros - milliseconds * 1000).padStart(3, "0");
  return `${new Date(milliseconds).toISOString().slice(0, -1)}${rest}Z`;
}

/** The refusal that an error of reading a message stands for; undefined for any other error. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof EnvelopeError) return { cause: error.refusal, error: error.message };
  if (error instanceof CodecError) return { cause: "not-the-table", error: error.message };
  return undefined;
}
