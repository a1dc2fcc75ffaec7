import { expect, test } from "bun:test";
import { backoffMs } from "../backoff.ts";
import { judgeItem } from "./bulk-result.ts";
import { coalesce } from "./coalesce.ts";
import { parseEnvelope, versionOf } from "./envelope.ts";
import { fieldMapping } from "./indices.ts";

test.each([
  [24604752, '["24604936","24604752"]', 24604936],
  [24604816, '["24604400","24604816"]', 24604816],
  [24604816, '[null,"24604816"]', 24604816],
  [24604816, undefined, 24604816],
])("the version of LSN %p with sequence %p is %p", (lsn, sequence, version) => {
  expect(versionOf(lsn, sequence)).toBe(version);
});

test.each([
  [{ status: 200 }, "applied"],
  [{ status: 201 }, "applied"],
  [{ status: 404 }, "applied"],
  [{ status: 409, error: { type: "version_conflict_engine_exception" } }, "older"],
  [{ status: 404, error: { type: "index_not_found_exception" } }, "no-index"],
  [{ status: 400, error: { type: "document_parsing_exception" } }, "refused"],
  [{ status: 429, error: { type: "es_rejected_execution_exception" } }, "retry"],
  [{ status: 503, error: { type: "unavailable_shards_exception" } }, "retry"],
  [{ status: 403, error: { type: "cluster_block_exception" } }, "retry"],
])("a bulk item %j is %p", (item, kind) => {
  expect(judgeItem(item).kind).toBe(kind as "applied");
});

test("of the operations on one key the highest version is kept, of equal ones the later", () => {
  const entry = (id: string, version: number, note: string) => ({
    operation: { kind: "delete" as const, id, version },
    note,
  });
  const kept = coalesce([
    entry("a", 1, "first"),
    entry("b", 5, "newer"),
    entry("a", 1, "later"),
    entry("b", 4, "older"),
  ]);
  expect(kept.map((one) => one.note)).toEqual(["later", "newer"]);
});

test("integers beyond 2^53 are read whole", () => {
  const text =
    '{"op":"c","source":{"lsn":1,"ts_ms":1,"ts_ns":1704067200123456789},"after":{"id":9223372036854775807,"f":1e+300}}';
  expect(parseEnvelope(Buffer.from(text))?.after).toEqual({ id: 9223372036854775807n, f: 1e300 });
});

test("waits grow, and stay within five seconds", () => {
  const longest = [1, 2, 5, 6, 100].map((attempt) => backoffMs(attempt, () => 1));
  expect(longest).toEqual([200, 400, 3200, 5000, 5000]);
  expect(backoffMs(3, () => 0)).toBe(0);
});

test("searched text gets a text subfield, other text none", () => {
  const column = { name: "x", type: "text", notNull: false } as const;
  expect(fieldMapping(column, true).fields).toEqual({ text: { type: "text" } });
  expect(fieldMapping(column, false).fields).toBeUndefined();
});
