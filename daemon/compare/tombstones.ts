import type { Client } from "@elastic/elasticsearch";

/**
 * Versions of deletes that Elasticsearch still remembers (index.gc_deletes) for documents that are not there. Asks by a
 * delete of version 1, which any remembered version refuses with its own number; where nothing is remembered it leaves
 * version 1 behind, below every version of the stream. A document that came meanwhile (a heal's) refuses it too, and is
 * left out.
 */
export async function readTombstones(
  client: Client,
  alias: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const versions = new Map<string, number>();
  if (ids.length === 0) return versions;
  const { items } = await client.bulk({
    operations: ids.map((id) => ({ delete: { _index: alias, _id: id, version: 1, version_type: "external" } })),
  });
  for (const item of items) {
    const version = /current version \[(\d+)\]/.exec(item.delete?.error?.reason ?? "")?.[1];
    if (item.delete?._id && version !== undefined) versions.set(item.delete._id, Number(version));
  }
  if (versions.size === 0) return versions;
  const { docs } = await client.mget({ index: alias, ids: [...versions.keys()], _source: false });
  for (const doc of docs) if ("found" in doc && doc.found) versions.delete(doc._id);
  return versions;
}
