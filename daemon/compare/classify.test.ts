import { expect, test } from "bun:test";
import { classify, type Sight } from "./classify.ts";

const row = { digest: 7, tuple: "100:(0,1)" };
const changed = { digest: 8, tuple: "101:(0,2)" };
const rewritten = { digest: 7, tuple: "102:(0,3)" };
const document = { version: 50, lsn: 50, digest: 7, contentDigest: 7, committedAtMs: null };
const older = { ...document, version: 40, lsn: 40, digest: 6, contentDigest: 6 };

const cases: readonly (readonly [string, Partial<Sight>, ReturnType<typeof classify>])[] = [
  ["equal", { before: row, after: row, document }, "same"],
  ["equal to the row before, which changed since", { before: row, after: changed, document }, "same"],
  ["equal to the row after", { before: changed, after: rewritten, document }, "same"],
  ["absent on both sides", {}, "same"],
  ["deleted since, document still there", { before: row, document }, "same"],
  ["no document", { before: row, after: row }, "missing"],
  ["no document, and the row came only now", { after: row }, "same"],
  ["an older state", { before: row, after: row, document: older }, "stale"],
  [
    "an older state, but the row changed during the look",
    { before: row, after: changed, document: older },
    "unsettled",
  ],
  ["back to an equal digest meanwhile", { before: row, after: rewritten, document: older }, "unsettled"],
  ["fields edited, digest kept", { before: row, after: row, document: { ...document, contentDigest: 9 } }, "corrupt"],
  ["fields edited to no row", { before: row, after: row, document: { ...document, contentDigest: null } }, "corrupt"],
  ["digest edited, fields kept", { before: row, after: row, document: { ...document, digest: 9 } }, "corrupt"],
  ["rewritten by other hands", { before: row, after: row, document: { ...older, version: 41 } }, "corrupt"],
  ["a document without a row", { document, sightedVersion: 50 }, "ghost"],
  ["a document without a row, written since", { document, sightedVersion: 49 }, "unsettled"],
  ["a document without a row, not seen before", { document }, "unsettled"],
];

test.each(cases)("%s", (_name, sight, verdict) => {
  expect(classify({ before: undefined, after: undefined, document: undefined, sightedVersion: null, ...sight })).toBe(
    verdict,
  );
});
