/** What is to be done about one item of a bulk response. */
export type ItemVerdict =
  | { readonly kind: "applied" }
  /** The index holds a newer version already. */
  | { readonly kind: "older" }
  /** The index or its alias is not there: make it, then repeat. */
  | { readonly kind: "no-index" }
  | { readonly kind: "retry"; readonly cause: string }
  /** Elasticsearch will never take it: a dead letter. */
  | { readonly kind: "refused"; readonly error: string };

export type BulkItem = {
  readonly status: number;
  readonly error?: {
    readonly type?: string;
    readonly reason?: string;
    readonly caused_by?: { readonly reason?: string };
  };
};

/**
 * Judges one item; pure. A bulk answers 200 with failed items inside, so each is looked at. Only a 400 is for ever:
 * whatever else went wrong (429, 5xx, a block, a missing right) can pass, and is repeated.
 */
export function judgeItem(item: BulkItem): ItemVerdict {
  if (item.status >= 200 && item.status < 300) return { kind: "applied" };
  if (item.status === 409) return { kind: "older" };
  const type = item.error?.type ?? "";
  if (item.status === 404) {
    // A delete of a document that is not there answers 404 without an error, and leaves its version behind.
    return item.error === undefined ? { kind: "applied" } : { kind: "no-index" };
  }
  if (item.status === 400) return { kind: "refused", error: describe(item) };
  return { kind: "retry", cause: `${item.status} ${type}`.trim() };
}

/** Elasticsearch's error without the field's value, which its reason may quote. */
function describe(item: BulkItem): string {
  const text = [item.error?.type, item.error?.reason, item.error?.caused_by?.reason].filter(Boolean).join(": ");
  return text.replace(/Preview of field's value: '.*?'(?=$|:|\s)/gs, "Preview of field's value: (left out)");
}
