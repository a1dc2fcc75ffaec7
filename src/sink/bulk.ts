import { type Client, errors } from "@elastic/elasticsearch";
import type { BulkItem } from "./bulk-result.ts";
import type { KeyOperation } from "./coalesce.ts";
import { isoFromMicros } from "./decide.ts";

/** What became of a whole bulk request. */
export type BulkOutcome =
  | { readonly kind: "answered"; readonly items: readonly BulkItem[] | "all-applied" }
  | { readonly kind: "failed"; readonly cause: string }
  /** The request itself is too large, or was refused: smaller ones may pass. */
  | { readonly kind: "too-much"; readonly error: string };

/** The two lines of an operation in a bulk body, or the one of a delete. */
export function encodeOperation(index: string, operation: KeyOperation, nowMs: number): string {
  const action = `"_index":"${index}","_id":${JSON.stringify(operation.id)},"version":${operation.version},"version_type":"external_gte"`;
  if (operation.kind === "delete") return `{"delete":{${action}}}\n`;
  const { document } = operation;
  const tidemark = { ...document.tidemark, indexed_at: isoFromMicros(nowMs * 1000) };
  return `{"index":{${action},"require_alias":true}}\n${JSON.stringify({ ...document, tidemark })}\n`;
}

/** Sends one bulk request; an error of the request or of the network is an outcome, not an exception. */
export async function sendBulk(client: Client, body: string, signal: AbortSignal): Promise<BulkOutcome> {
  try {
    const response = (await client.transport.request(
      {
        method: "POST",
        path: "/_bulk",
        querystring: { filter_path: "errors,items.*.status,items.*.error" },
        bulkBody: body,
      },
      { signal },
    )) as { errors: boolean; items?: readonly Record<string, BulkItem>[] };
    if (!response.errors) return { kind: "answered", items: "all-applied" };
    return { kind: "answered", items: (response.items ?? []).map((item) => Object.values(item)[0] as BulkItem) };
  } catch (error) {
    return outcomeOf(error);
  }
}

function outcomeOf(error: unknown): BulkOutcome {
  if (error instanceof errors.ResponseError) {
    const type = error.body?.error?.type ?? "";
    if (error.statusCode === 413 || error.statusCode === 400)
      return { kind: "too-much", error: `${error.statusCode} ${type}` };
    return { kind: "failed", cause: `HTTP ${error.statusCode}` };
  }
  if (error instanceof errors.ElasticsearchClientError) return { kind: "failed", cause: error.name };
  throw error;
}
