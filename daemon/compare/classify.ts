import type { DocumentState } from "./documents.ts";
import type { RowState } from "./rows.ts";

/** What is wrong with a row: not in the index; there, but older; changed there; or there, but gone from PostgreSQL. */
export type Verdict = "missing" | "stale" | "corrupt" | "ghost";

export type Sight = {
  /** The row before a fence was taken, and after the document was read behind it; undefined where it does not exist. */
  readonly before: RowState | undefined;
  readonly after: RowState | undefined;
  readonly document: DocumentState | undefined;
  /** The document's version when the comparison first saw it; null where there was none. */
  readonly sightedVersion: number | null;
};

/**
 * Judges one row that two lists disagreed on. `same`: the document is a state that PostgreSQL had meanwhile.
 * `unsettled`: PostgreSQL changed, and the document is no state that was seen: look again. Anything else is proven: what
 * PostgreSQL held at the fence it still holds, and Elasticsearch, which has everything up to the fence, does not.
 *
 * A ghost is proven only where the document's version is the one first sighted: a row that was inserted and deleted
 * between the two looks at PostgreSQL would be absent in both.
 */
export function classify(sight: Sight): Verdict | "same" | "unsettled" {
  const { before, after, document, sightedVersion } = sight;
  if (matches(before, document) || matches(after, document)) return "same";
  if (before?.tuple !== after?.tuple) return "unsettled";
  if (after === undefined) return document?.version === sightedVersion ? "ghost" : "unsettled";
  if (document === undefined) return "missing";
  const asWritten = document.contentDigest === document.digest && document.version === document.lsn;
  return asWritten ? "stale" : "corrupt";
}

/** A document is its row when both its fields and the digest that it claims are the row's. */
function matches(row: RowState | undefined, document: DocumentState | undefined): boolean {
  if (row === undefined || document === undefined) return row === undefined && document === undefined;
  return document.contentDigest === row.digest && document.digest === row.digest;
}
