import { type Client, errors } from "@elastic/elasticsearch";

const PAGE = 5_000;

/**
 * Deletes every document of an index whose version is at most `version`, leaving that version behind, so that neither
 * an older event nor a repetition brings one back. Documents written after the TRUNCATE have a higher version and stay.
 */
export async function deleteUpTo(client: Client, alias: string, version: number, heartbeat: () => Promise<void>) {
  let deleted = 0;
  for (;;) {
    await client.indices.refresh({ index: alias });
    const found = await client.search({
      index: alias,
      size: PAGE,
      _source: false,
      query: { range: { "tidemark.lsn": { lte: version } } },
    });
    const ids = found.hits.hits.map((hit) => hit._id as string);
    if (ids.length === 0) return deleted;
    const body = ids.map(
      (id) => `${JSON.stringify({ delete: { _index: alias, _id: id, version, version_type: "external_gte" } })}\n`,
    );
    const answer = await client.bulk({ operations: body });
    const failed = answer.items.find((item) => ![200, 404, 409].includes(item.delete?.status ?? 0));
    if (failed) throw new errors.ElasticsearchClientError(`deleting for a TRUNCATE: status ${failed.delete?.status}`);
    deleted += ids.length;
    await heartbeat();
  }
}

/** The version of the last TRUNCATE of a table's index, kept in its mapping for every sink to read; 0 for none. */
export async function readFloor(client: Client, alias: string): Promise<number> {
  const mappings = await client.indices.getMapping({ index: alias }, { ignore: [404] });
  const versions = Object.values(mappings)
    .map((entry) => entry?.mappings?._meta?.truncated_at)
    .filter((value): value is number => typeof value === "number");
  return Math.max(0, ...versions);
}

/** Keeps a TRUNCATE's version in the index's mapping. Never lowers it. */
export async function writeFloor(client: Client, alias: string, version: number): Promise<void> {
  if ((await readFloor(client, alias)) >= version) return;
  await client.indices.putMapping({ index: alias, _meta: { truncated_at: version } });
}
