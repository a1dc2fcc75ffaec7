import { expect, test } from "bun:test";
import { run } from "../../daemon/commands/run.ts";
import { readPromql } from "../../harness/prometheus/promql.ts";
import { scripts } from "../../package.json";
import { readRules } from "./rules.ts";

const rules = readRules();

test("every rule has a name of its own", () => {
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
});

test.each(rules)("$alert: an expression, a severity, and what to do as a command that there is", (rule) => {
  const { expr, labels, annotations } = rule;
  const { grouping, selectors } = readPromql(expr);
  expect(["critical", "warning", "{{ $labels.severity }}"]).toContain(labels.severity ?? "");
  expect(annotations.summary).toMatch(/\w/);
  const commands = [...(annotations.description ?? "").matchAll(/bun run ([a-z-]+)(?: ([a-z][a-z-]+))?/g)];
  expect(commands.length).toBeGreaterThan(0);
  for (const [, command = "", sub] of commands) {
    expect(Object.keys(scripts)).toContain(command);
    if (command === "watchdog" && sub !== undefined) expect(run.positionals?.match(/[a-z-]+/g)).toContain(sub);
  }
  // What an aggregation leaves of the labels is what a text can show; without one, those of `up`.
  const left = grouping.length > 0 ? grouping : selectors.some(({ metric }) => metric === "up") ? ["instance"] : [];
  const shown = JSON.stringify([labels, annotations]).matchAll(/\$labels\.(\w+)/g);
  for (const [, label = ""] of shown) expect(left).toContain(label);
});
