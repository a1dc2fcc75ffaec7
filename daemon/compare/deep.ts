import type { Client, estypes } from "@elastic/elasticsearch";
import type { CatalogTable } from "../../src/catalog.ts";
import type { Suspect } from "./compare.ts";
import { documentState } from "./documents.ts";
import { timeConditions } from "./elasticsearch-side.ts";
import { bucketStart, type Region } from "./region.ts";

const PAGE = 1_000;
const KEEP_ALIVE = "2m";

type Source = Record<string, unknown> & { tidemark?: Record<string, unknown> };

/** Documents of a time whose fields are not those of the digest that they carry: read one by one, page by page. */
export async function deepSuspects(
  client: Client,
  alias: string,
  table: CatalogTable,
  time: Region["time"],
  widthMs: number,
): Promise<readonly Suspect[]> {
  const suspects: Suspect[] = [];
  let { id: pit } = await client.openPointInTime({ index: alias, keep_alive: KEEP_ALIVE });
  try {
    let after: estypes.SortResults | undefined;
    for (;;) {
      const answer = await client.search<Source>({
        pit: { id: pit, keep_alive: KEEP_ALIVE },
        size: PAGE,
        sort: ["_shard_doc"],
        version: true,
        track_total_hits: false,
        query: timeConditions(table, time),
        ...(after === undefined ? {} : { search_after: after }),
      });
      pit = answer.pit_id ?? pit;
      for (const { _id: id, _version: version, _source: source } of answer.hits.hits) {
        const state = documentState(table, version ?? -1, source ?? {});
        if (state.contentDigest !== null && state.contentDigest === state.digest) continue;
        const at = Date.parse(String(source?.[table.timeColumn]));
        const bucketMs = Number.isNaN(at) ? null : bucketStart(at, widthMs);
        suspects.push({ id: String(id), bucketMs, sightedVersion: state.version });
      }
      if (answer.hits.hits.length < PAGE) return suspects;
      after = answer.hits.hits.at(-1)?.sort;
    }
  } finally {
    await client.closePointInTime({ id: pit });
  }
}
