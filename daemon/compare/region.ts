/** A half-open interval of event time, in milliseconds since 1970. */
export type Interval = { readonly fromMs: number; readonly toMs: number };

/**
 * Rows to compare: those of an interval, or those `outside` of every interval, whose event time is infinite, missing,
 * before 1970 or after 2261, and so in no bucket. Narrowed, where given, to ranges of their digests.
 */
export type Region = {
  readonly time: Interval | "outside";
  readonly digests?: readonly DigestRange[];
};

/** Half-open, within 0 to 2^32. */
export type DigestRange = { readonly from: number; readonly to: number };

/** The event times that buckets cover: Elasticsearch's date_nanos holds 1970 to early 2262. */
export const ALL_TIME: Interval = { fromMs: 0, toMs: Date.UTC(2262, 0, 1) };

/** What both sides say of a group of rows. */
export type Sum = {
  readonly count: number;
  /** The latest event time, in milliseconds; null where the group has none. */
  readonly latestMs: number | null;
  /** The sum of the rows' digests. Exact up to EXACT_COUNT rows. */
  readonly digests: number;
};

/** Sums of 32-bit digests of more rows than this leave the integers that a double holds exactly (2^53). */
export const EXACT_COUNT = 2 ** 21;

export const NOTHING: Sum = { count: 0, latestMs: null, digests: 0 };

/** Whether two sides' groups hold the same rows; too many rows to add up exactly count as different. */
export function sameSum(one: Sum, other: Sum): boolean {
  return (
    one.count === other.count &&
    one.count <= EXACT_COUNT &&
    one.latestMs === other.latestMs &&
    one.digests === other.digests
  );
}

/** Start of the bucket that a time falls into; buckets are aligned to 1970. */
export function bucketStart(timeMs: number, widthMs: number): number {
  return Math.floor(timeMs / widthMs) * widthMs;
}

/** Whole buckets as few intervals: neighbours are joined. */
export function joinBuckets(starts: readonly number[], widthMs: number): readonly Interval[] {
  return joinNeighbours(starts, widthMs).map(({ from, to }) => ({ fromMs: from, toMs: to }));
}

/** Half-open ranges of one width as few ranges, in order. */
export function joinNeighbours(starts: readonly number[], width: number): readonly DigestRange[] {
  const joined: { from: number; to: number }[] = [];
  for (const start of [...new Set(starts)].sort((a, b) => a - b)) {
    const last = joined.at(-1);
    if (last?.to === start) last.to = start + width;
    else joined.push({ from: start, to: start + width });
  }
  return joined;
}

/** A row as a side lists it; of a document its version too. */
export type Listed = { readonly digest: number | null; readonly version?: number };

/** PostgreSQL or Elasticsearch, as the comparison asks it. */
export type Side = {
  /** One sum for each bucket of an interval that is not empty, by the bucket's start in milliseconds. */
  bucketSums(interval: Interval, widthMs: number): Promise<ReadonlyMap<number, Sum>>;
  /** The sum of a whole region. */
  regionSum(region: Region): Promise<Sum>;
  /** One sum for each group of digests of `width`, by the group's first digest. */
  digestSums(region: Region, width: number): Promise<ReadonlyMap<number, Sum>>;
  /** Up to `limit` rows of a region, by document id. */
  list(region: Region, limit: number): Promise<ReadonlyMap<string, Listed>>;
};
