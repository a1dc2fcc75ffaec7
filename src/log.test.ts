import { expect, test } from "bun:test";
import { createLog } from "./log.ts";

function written(logFormat: "text" | "json"): string[] {
  const lines: string[] = [];
  const log = createLog("sink", { logFormat, logLevel: "info" }, (line) => lines.push(line));
  log.debug("not asked for");
  log.warn("behind", { stage: "slot", bytes: 12, cause: 'a "quoted"\nline', unit: undefined });
  return lines;
}

test("a line has its fields, each on that line, and none of those that are not known", () => {
  const [line = "", ...more] = written("text");
  expect(more).toEqual([]);
  expect(line.slice("2026-11-24T00:00:00.000Z".length)).toBe(
    ' warn  sink: behind stage="slot" bytes=12 cause="a \\"quoted\\"\\nline"',
  );
});

test("as JSON it is one object a line", () => {
  const [line = ""] = written("json");
  const { time, ...rest } = JSON.parse(line) as Record<string, unknown>;
  expect(new Date(String(time)).toISOString()).toBe(String(time));
  expect(rest).toEqual({
    level: "warn",
    program: "sink",
    message: "behind",
    stage: "slot",
    bytes: 12,
    cause: 'a "quoted"\nline',
  });
});
