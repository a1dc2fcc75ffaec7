import type { Operation } from "./decide.ts";

export type KeyOperation = Exclude<Operation, { kind: "truncate" }>;
type Entry = { readonly operation: KeyOperation };

/**
 * Keeps, of the operations on each key, the one that Elasticsearch would be left with: the highest version, and of
 * equal versions the later (version_type external_gte). Order among the kept follows their first appearance.
 */
export function coalesce<E extends Entry>(entries: readonly E[]): readonly E[] {
  const latest = new Map<string, E>();
  for (const entry of entries) {
    const before = latest.get(entry.operation.id);
    if (before === undefined || entry.operation.version >= before.operation.version) {
      latest.set(entry.operation.id, entry);
    }
  }
  return [...latest.values()];
}
