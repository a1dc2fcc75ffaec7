import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { readPromql } from "../../harness/prometheus/promql.ts";
import { dashboard } from "./dashboard.ts";
import { file, text } from "./generate.ts";
import { queriesOf } from "./queries.ts";

type Grid = { readonly x: number; readonly y: number; readonly w: number; readonly h: number };

test("the file is what `bun run grafana` makes", () => {
  expect(readFileSync(file, "utf8")).toBe(text);
});

test("panels have an id each, lie within the 24 columns, and do not overlap", () => {
  const panels = dashboard.panels as unknown as readonly { readonly id: number; readonly gridPos: Grid }[];
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const taken = new Set<string>();
  for (const {
    gridPos: { x, y, w, h },
  } of panels) {
    expect(x + w).toBeLessThanOrEqual(24);
    for (let column = x; column < x + w; column++) {
      for (let line = y; line < y + h; line++) {
        expect(taken).not.toContain(`${column}/${line}`);
        taken.add(`${column}/${line}`);
      }
    }
  }
});

test.each(queriesOf(dashboard))(
  "$title: $expr is an expression, and its legend shows labels that it leaves",
  (query) => {
    const { grouping } = readPromql(query.expr.replaceAll("$__rate_interval", "1m"));
    for (const [, label = ""] of query.legend.matchAll(/\{\{(\w+)\}\}/g)) {
      expect([...grouping, "instance", "job"]).toContain(label);
    }
  },
);
