import { beforeAll, expect, test } from "bun:test";
import { readCatalog } from "../../src/catalog.ts";
import { digestSql } from "../../src/digest.ts";
import { createEveryType, everyType, insertEveryType, wrongInSnapshots } from "./every-type.ts";
import { STACK_TIMEOUT_MS, testPipeline, testStack } from "./fixture.ts";

beforeAll(async () => {
  await testStack();
}, STACK_TIMEOUT_MS);

test("every value of every supported type reaches the document exactly, and both digests agree", async () => {
  await using pipeline = await testPipeline({
    tables: [everyType],
    prepare: async (sql) => {
      await createEveryType(sql);
      await insertEveryType(sql, wrongInSnapshots);
    },
  });
  const { sql, config } = pipeline;
  await pipeline.startSink();
  // Once read by the snapshot, once from the stream: Debezium decodes the two by different code.
  await insertEveryType(sql);
  await pipeline.expectIdentical();

  const [catalog] = await readCatalog(sql, [everyType]);
  if (catalog === undefined) throw new Error("no catalog");
  const rows = await sql.unsafe(`SELECT t.id::text AS id, ${digestSql(catalog)}::text AS digest FROM every_type t`);
  const response = await fetch(`${config.elasticsearchUrl}/${config.indexPrefix}every_type_index/_search?size=1000`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ _source: ["tidemark.digest"] }),
  });
  const { hits } = (await response.json()) as {
    hits: { hits: { _id: string; _source: { tidemark: { digest: number } } }[] };
  };
  const byId = (pairs: [string, string][]) => pairs.sort(([a], [b]) => Number(a) - Number(b));
  const indexed = byId(hits.hits.map((hit) => [hit._id, String(hit._source.tidemark.digest)]));
  expect(indexed).toEqual(byId(rows.map((row) => [String(row.id), String(row.digest)])));
  expect(indexed.length).toBeGreaterThan(150);
}, 120_000);
