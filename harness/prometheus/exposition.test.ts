import { expect, test } from "bun:test";
import { readExposition } from "./exposition.ts";
import { readPromql } from "./promql.ts";

const head = (name: string, type: string) => `# HELP ${name} what\n# TYPE ${name} ${type}\n`;

test("metrics as prom-client prints them are read, escapes in label values too", () => {
  const text = `${head("a_total", "counter")}a_total{x="q\\"u\\\\n\\n"} 1e3\n${head("b", "gauge")}b -Inf\n`;
  const families = readExposition(text);
  expect(families.get("a_total")?.samples).toEqual([{ name: "a_total", labels: { x: 'q"u\\n\n' }, value: 1000 }]);
  expect(families.get("b")?.samples[0]?.value).toBe(Number.NEGATIVE_INFINITY);
});

test.each([
  ["a value that is none", `${head("a", "gauge")}a x\n`],
  ["an unclosed label", `${head("a", "gauge")}a{b="1" 2\n`],
  ["a label without quotes", `${head("a", "gauge")}a{b=1} 2\n`],
  ["a name that begins with a digit", `${head("a", "gauge")}1a 2\n`],
  ["two names", `${head("a", "gauge")}a b 2\n`],
  ["a sample twice", `${head("a", "gauge")}a{b="1"} 2\na{b="1"} 3\n`],
  ["a type twice", `${head("a", "gauge")}a 1\n${head("a", "gauge")}`],
  ["a sample without a type", "a 1\n"],
  ["a type without help", "# TYPE a gauge\na 1\n"],
  ["a sample of another metric", `${head("a", "gauge")}b 1\n`],
  ["a counter that is not called _total", `${head("a", "counter")}a 1\n`],
  ["a counter below zero", `${head("a_total", "counter")}a_total -1\n`],
  ["milliseconds", `${head("a_ms", "gauge")}a_ms 1\n`],
  ["a histogram without its last bucket", `${head("a", "histogram")}a_bucket{le="1"} 1\na_sum 1\na_count 1\n`],
  ["an unfinished line", `${head("a", "gauge")}a 1`],
])("%s is refused", (_, text) => {
  expect(() => readExposition(text)).toThrow();
});

test("an expression's metrics, matchers and groupings are read", () => {
  expect(readPromql('max by (table) (rate(a_total{b="c", d=~"e.*"}[5m])) > on(f) 2 * up')).toEqual({
    selectors: [
      {
        metric: "a_total",
        matchers: [
          { label: "b", value: "c" },
          { label: "d", value: "e.*" },
        ],
      },
      { metric: "up", matchers: [] },
    ],
    grouping: ["table", "f"],
  });
});

test.each(["", "rate(a)", "sum(a) by (", "a b", "a{b=c}", "a > bool", "nosuch(a)", "sum(a[5m])", "1 > 2"])(
  "%p is no expression",
  (text) => {
    expect(() => readPromql(text)).toThrow();
  },
);
