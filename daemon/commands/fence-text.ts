import type { BlockedFence } from "../compare/fence.ts";

/** A fence that did not pass, for people. */
export function fenceText({ stage, waitedMs, distance, cause }: BlockedFence): string {
  const behind = distance ? `, ${distance.count} ${distance.unit} behind` : "";
  return `the fence did not pass: ${stage}${behind} after ${Math.round(waitedMs / 1000)} s (${cause}). Nothing is said of rows`;
}
