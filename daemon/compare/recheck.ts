import type { CatalogTable } from "../../src/catalog.ts";
import { sleep } from "../../src/sleep.ts";
import { indexAlias } from "../../src/tables.ts";
import type { Context } from "../context.ts";
import { classify, type Verdict } from "./classify.ts";
import type { Suspect } from "./compare.ts";
import { type DocumentState, readDocuments } from "./documents.ts";
import { type BlockedFence, type Fence, passFence } from "./fence.ts";
import { type RowState, readRowStates } from "./rows.ts";

/** A row that is proven to differ, with the evidence. */
export type Divergence = {
  readonly id: string;
  readonly bucketMs: number | null;
  readonly verdict: Verdict;
  readonly row: RowState | undefined;
  readonly document: DocumentState | undefined;
  /** The LSN behind which it was seen. */
  readonly fenceLsn: number;
};

export type Recheck = {
  readonly divergences: readonly Divergence[];
  /** Ids that turned out equal. */
  readonly same: readonly string[];
  /** Rows that changed during each look: nothing can be said of them yet. */
  readonly unsettled: readonly Suspect[];
  /** The last fence; undefined where there was nothing to recheck. */
  readonly fence?: Fence;
};

const ROUNDS = 4;
const PAUSE_MS = 500;

/**
 * Looks at suspects again behind a fence of its own, so that live writes make no false alarm: PostgreSQL, fence,
 * Elasticsearch, PostgreSQL. Rows in motion are looked at several times.
 */
export async function recheck(
  context: Context,
  table: CatalogTable,
  suspects: readonly Suspect[],
  fenceTimeoutMs: number,
): Promise<Recheck | BlockedFence> {
  const alias = indexAlias(context.config.indexPrefix, table);
  const divergences: Divergence[] = [];
  const same: string[] = [];
  let pending = suspects;
  let fence: Fence | undefined;
  for (let round = 1; pending.length > 0 && round <= ROUNDS && !context.signal.aborted; round++) {
    if (round > 1) await sleep(PAUSE_MS, context.signal);
    const ids = pending.map((suspect) => suspect.id);
    const before = await readRowStates(context.sql, table, ids);
    const passed = await passFence(context, fenceTimeoutMs);
    if (!passed.passed) return passed;
    fence = passed;
    const documents = await readDocuments(context.client, alias, table, ids);
    const after = await readRowStates(context.sql, table, ids);
    const again: Suspect[] = [];
    for (const suspect of pending) {
      const { id, bucketMs, sightedVersion } = suspect;
      const document = documents.get(id);
      const verdict = classify({ before: before.get(id), after: after.get(id), document, sightedVersion });
      if (verdict === "same") same.push(id);
      else if (verdict === "unsettled") again.push({ ...suspect, sightedVersion: document?.version ?? null });
      else divergences.push({ id, bucketMs, verdict, row: after.get(id), document, fenceLsn: passed.lsn });
    }
    pending = again;
  }
  return { divergences, same, unsettled: pending, fence };
}
