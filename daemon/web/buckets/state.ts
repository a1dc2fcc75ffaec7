import type { BucketState } from "../api.ts";

/** What is known of one bucket, or of the buckets of one column together. */
export type BucketFacts = {
  /** Buckets that were found clean behind a fence. */
  readonly verified: number;
  /** Buckets with rows that were never compared. */
  readonly unverified: number;
  /** Buckets with changes since they were last found clean. */
  readonly touched: number;
  /** Differences whose heal is on its way. */
  readonly emitted: number;
  /** Differences that wait: for a heal that is about to come, for a person, in quarantine. */
  readonly waiting: number;
};

/** The worst that is true of them; null where there is nothing in them. Pure. */
export function bucketState({ verified, unverified, touched, emitted, waiting }: BucketFacts): BucketState | null {
  if (waiting > 0) return "diverged";
  if (emitted > 0) return "healing";
  if (touched > 0) return "in-flight";
  if (unverified > 0) return "unverified";
  return verified > 0 ? "verified" : null;
}
