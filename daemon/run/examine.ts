import type { CatalogTable } from "../../src/catalog.ts";
import { indexAlias } from "../../src/tables.ts";
import { findCauses } from "../compare/cause.ts";
import { compareInterval, compareOutside, type Suspect } from "../compare/compare.ts";
import { deepSuspects } from "../compare/deep.ts";
import { elasticsearchSide, listUndigested } from "../compare/elasticsearch-side.ts";
import type { Explanation } from "../compare/explain.ts";
import type { BlockedFence, Fence } from "../compare/fence.ts";
import { postgresSide } from "../compare/postgres-side.ts";
import { type Divergence, recheck } from "../compare/recheck.ts";
import type { Interval, Sum } from "../compare/region.ts";
import { bucketStart, NOTHING } from "../compare/region.ts";
import type { Context } from "../context.ts";
import { recordBuckets } from "../store/buckets.ts";
import { closeEqual, readStanding, recordDivergences, type Standing } from "../store/divergences.ts";
import { type Outcome, type RunKind, recordRun } from "../store/runs.ts";

/** Rows that differ and are listed in one piece; more are found by the next run, when these are healed. */
const MAX_SUSPECTS = 100_000;

export type Piece = Interval | "outside";

export type Examination = {
  readonly table: string;
  readonly piece: Piece;
  readonly outcome: Outcome;
  readonly postgres: Sum;
  readonly elasticsearch: Sum;
  readonly divergences: readonly (Divergence & Explanation)[];
  readonly unsettled: number;
  readonly truncated: boolean;
  readonly blocked?: BlockedFence;
};

export type ExamineOptions = {
  readonly kind: RunKind;
  readonly deep?: boolean;
  /** Look again at every divergence of the table that stands, wherever it is. */
  readonly standing?: boolean;
};

/** Compares a piece of a table behind a fence that was passed, rechecks, names causes, and keeps all of it. */
export async function examine(
  context: Context,
  table: CatalogTable,
  piece: Piece,
  fence: Fence,
  options: ExamineOptions,
): Promise<Examination> {
  const { config, sql, client } = context;
  const startedAtMs = Date.now();
  const alias = indexAlias(config.indexPrefix, table);
  const widthMs = config.watchdogBucketSeconds * 1000;
  const compareOptions = {
    widthMs,
    maxSuspects: MAX_SUSPECTS,
    undigested: (time: Piece) => listUndigested(client, alias, table, time),
  };
  const [ours, theirs] = [postgresSide(sql, table), elasticsearchSide(client, alias, table)];
  const comparison =
    piece === "outside"
      ? await compareOutside(ours, theirs, compareOptions)
      : await compareInterval(ours, theirs, piece, compareOptions);
  const standing = await readStanding(sql, table.name);
  const suspects = new Map<string, Suspect>();
  if (options.standing) for (const one of standing) suspects.set(one.documentId, suspectOf(one));
  if (options.deep) {
    for (const suspect of await deepSuspects(client, alias, table, piece, widthMs)) suspects.set(suspect.id, suspect);
  }
  for (const suspect of comparison.suspects) suspects.set(suspect.id, suspect);
  const rechecked = await recheck(context, table, [...suspects.values()], config.watchdogFenceSeconds * 1000);
  const base = {
    kind: options.kind,
    table: table.name,
    startedAtMs,
    fromMs: piece === "outside" ? null : piece.fromMs,
    toMs: piece === "outside" ? null : piece.toMs,
    fence,
    postgres: total(comparison.buckets.map((bucket) => bucket.postgres)),
    elasticsearch: total(comparison.buckets.map((bucket) => bucket.elasticsearch)),
    buckets: comparison.buckets.length,
    differing: comparison.buckets.filter((bucket) => bucket.differs).length,
  };
  const { postgres, elasticsearch } = base;
  if ("passed" in rechecked) {
    const outcome = "fence-not-passed" as const;
    await recordRun(sql, { ...base, outcome, blocked: rechecked, divergences: 0, unsettled: suspects.size });
    const none = { divergences: [], unsettled: suspects.size, truncated: comparison.truncated };
    return { table: table.name, piece, outcome, postgres, elasticsearch, ...none, blocked: rechecked };
  }
  const { divergences, unsettled, same } = rechecked;
  const explanations = await explainAll(context, table, divergences, standing);
  await recordDivergences(sql, table.name, divergences, explanations);
  const known = new Set(standing.map((one) => one.documentId));
  await closeEqual(
    sql,
    table.name,
    same.filter((id) => known.has(id)),
  );
  const dirty = new Set<number | null>([...divergences, ...unsettled].map((one) => one.bucketMs));
  if (comparison.truncated) for (const bucket of comparison.buckets) if (bucket.differs) dirty.add(bucket.startMs);
  await recordBuckets(sql, table.name, wholeBuckets(piece, widthMs), comparison.buckets, dirty, fence, widthMs);
  const outcome =
    divergences.length > 0 || comparison.truncated ? "diverged" : unsettled.length > 0 ? "unsettled" : "clean";
  await recordRun(sql, { ...base, outcome, divergences: divergences.length, unsettled: unsettled.length });
  return {
    table: table.name,
    piece,
    outcome,
    postgres,
    elasticsearch,
    divergences: divergences.map((divergence) => ({
      ...divergence,
      ...(explanations.get(divergence.id) as Explanation),
    })),
    unsettled: unsettled.length,
    truncated: comparison.truncated,
  };
}

/** Of a bucket that was compared in part nothing is claimed. */
function wholeBuckets(piece: Piece, widthMs: number): Piece {
  if (piece === "outside") return piece;
  const fromMs = Math.ceil(piece.fromMs / widthMs) * widthMs;
  return { fromMs, toMs: Math.max(fromMs, bucketStart(piece.toMs, widthMs)) };
}

function suspectOf(standing: Standing): Suspect {
  return { id: standing.documentId, bucketMs: standing.bucketMs, sightedVersion: standing.documentVersion };
}

/** Searches for the causes of what is new or has changed; what stands as it was keeps its cause. */
async function explainAll(
  context: Context,
  table: CatalogTable,
  divergences: readonly Divergence[],
  standing: readonly Standing[],
): Promise<ReadonlyMap<string, Explanation>> {
  const known = new Map(standing.map((one) => [one.documentId, one]));
  const explanations = new Map<string, Explanation>();
  const fresh: Divergence[] = [];
  for (const divergence of divergences) {
    const before = known.get(divergence.id);
    const asBefore =
      before?.state === "open" &&
      before.postgresDigest === (divergence.row?.digest ?? null) &&
      before.documentVersion === (divergence.document?.version ?? null);
    if (asBefore && before.cause !== "unknown") {
      explanations.set(divergence.id, {
        verdict: before.verdict as Explanation["verdict"],
        cause: before.cause as Explanation["cause"],
        detail: before.detail,
      });
    } else fresh.push(divergence);
  }
  if (fresh.length === 0) return explanations;
  return new Map([...explanations, ...(await findCauses(context, table, fresh))]);
}

function total(sums: readonly Sum[]): Sum {
  return sums.reduce(
    (all, sum) => ({
      count: all.count + sum.count,
      latestMs: sum.latestMs === null ? all.latestMs : Math.max(all.latestMs ?? 0, sum.latestMs),
      digests: all.digests + sum.digests,
    }),
    NOTHING,
  );
}
