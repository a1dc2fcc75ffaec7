import { expect, test } from "bun:test";
import { matcherText, matches, parseMatcher, parseMatchers } from "./matcher.ts";

const fault = { kind: "slot-missing", severity: "critical", labels: { slot: "tidemark" } } as const;

test.each([
  ["kind=slot-missing", true],
  ["kind=~slot-.*", true],
  ["kind=~slot", false],
  ['severity!="warning"', true],
  ["slot!~tide.*", false],
  ["table=", true],
  ["table=clicks", false],
  ["kind=slot-missing, severity=warning", false],
  ["", true],
])("%s", (text, expected) => {
  expect(matches(parseMatchers(text), fault)).toBe(expected);
});

test("a matcher is written as it can be read again", () => {
  for (const text of ['kind="a b, c"', "table=~(clicks|products)", "kind="]) {
    const matcher = parseMatcher(text);
    expect(parseMatcher(matcherText(matcher))).toEqual(matcher);
  }
  expect(parseMatchers('kind="a, b",severity=critical')).toHaveLength(2);
});

test.each(["clicks", "=x", "kind==x,", "kind=~(", 'kind="a" b'])("%s is refused", (text) => {
  expect(() => parseMatchers(text)).toThrow("expected");
});
