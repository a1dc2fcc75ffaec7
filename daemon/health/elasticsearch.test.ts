import { expect, test } from "bun:test";
import { elasticsearchFindings, type IndexHealth } from "./elasticsearch.ts";

const URL = "http://e:9200";
const index = (name: string, change: Partial<IndexHealth> = {}): IndexHealth => ({
  ...{ index: name, red: false, readOnly: false },
  ...change,
});

const cases: readonly (readonly [string, readonly IndexHealth[] | { reason: string }, readonly string[]])[] = [
  ["well", [index("a"), index("b")], []],
  ["without our indices", [], []],
  ["away", { reason: "ECONNREFUSED" }, ["elasticsearch-unreachable"]],
  ["red in part", [index("a"), index("b", { red: true })], ["elasticsearch-red"]],
  ["full", [index("a", { readOnly: true }), index("b")], ["elasticsearch-read-only"]],
  ["red and full", [index("a", { red: true, readOnly: true })], ["elasticsearch-red", "elasticsearch-read-only"]],
];

test.each(cases)("Elasticsearch is %s", (_name, found, kinds) => {
  const findings = elasticsearchFindings(found, URL);
  expect(findings.map(({ kind }) => kind)).toEqual([...kinds]);
  for (const one of findings) expect(one).toMatchObject({ severity: "critical", labels: { server: "elasticsearch" } });
});

test("the indices that are ill are counted and named, the others not", () => {
  const [red] = elasticsearchFindings([index("a", { red: true }), index("b"), index("c", { red: true })], URL);
  expect(red?.summary).toStartWith("2 of our indices are red");
  expect(red?.facts).toEqual({ indices: "a, c" });
});

test("a long reason is cut short", () => {
  const [away] = elasticsearchFindings({ reason: "x".repeat(5_000) }, URL);
  expect(String(away?.facts.reason)).toHaveLength(300);
});
