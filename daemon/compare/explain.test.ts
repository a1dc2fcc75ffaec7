import { expect, test } from "bun:test";
import { type Evidence, explain, type LastEvent } from "./explain.ts";
import type { Divergence } from "./recheck.ts";

const row = { digest: 7, tuple: "(0,1) 5" };
const event: LastEvent = { partition: 1, offset: 40n, version: 900, digest: 7 };
const missing: Divergence = { id: "1", bucketMs: 0, verdict: "missing", row, document: undefined, fenceLsn: 1_000 };
const document = { version: 800, lsn: 800, digest: 6, contentDigest: 6, committedAtMs: 0 };
const stale: Divergence = { ...missing, verdict: "stale", document };
const nothing: Evidence = { consumed: true, searchedAll: true };

test.each<[string, Divergence, Evidence, string]>([
  ["refused by Elasticsearch", missing, { ...nothing, letterError: "refused: too long" }, "missing dead-letter"],
  ["no event, all of Kafka searched", missing, nothing, "missing not-in-kafka"],
  ["no event, the search was cut short", missing, { ...nothing, searchedAll: false }, "missing unknown"],
  ["an event of an older state", missing, { ...nothing, event: { ...event, digest: 3 } }, "missing not-in-kafka"],
  ["an event that was not consumed", missing, { ...nothing, event, consumed: false }, "missing not-consumed"],
  ["an event that was consumed", missing, { ...nothing, event }, "missing not-indexed"],
  ["deleted with a later version", missing, { ...nothing, event, tombstone: 901 }, "missing other-hands"],
  ["deleted by an earlier event", missing, { ...nothing, event, tombstone: 899 }, "missing not-indexed"],
  ["the newest event was not indexed", stale, { ...nothing, event }, "stale not-indexed"],
  [
    "the document has the event's version",
    stale,
    { ...nothing, event: { ...event, version: 800 } },
    "corrupt other-hands",
  ],
  [
    "a version the sink did not write",
    { ...stale, document: { ...document, version: 801 } },
    nothing,
    "stale other-hands",
  ],
  ["fields that are not the digest's", { ...stale, verdict: "corrupt" }, nothing, "corrupt other-hands"],
  [
    "a ghost whose delete was skipped",
    { ...stale, verdict: "ghost", row: undefined },
    { ...nothing, event: { ...event, digest: null } },
    "ghost not-indexed",
  ],
])("%s", (_name, divergence, evidence, wanted) => {
  const { verdict, cause } = explain(divergence, evidence);
  expect(`${verdict} ${cause}`).toBe(wanted);
});
