import type { Finding } from "../../finding.ts";

type Operator = "=" | "!=" | "=~" | "!~";

/** A condition on a fault's `kind`, `severity` or one of its labels, written and meant as in Alertmanager. */
export type Matcher = { readonly name: string; readonly operator: Operator; readonly value: string };

/** What matchers look at. */
export type Matched = Pick<Finding, "kind" | "severity" | "labels">;

const SHAPE = /^\s*([A-Za-z_][A-Za-z0-9_-]*)\s*(=~|!~|!=|=)\s*(?:"([^"]*)"|((?![=~])[^",]*?))\s*$/;

/**
 * Reads `table=clicks`, `kind=~"slot-.*"`, `severity!=critical`. Regular expressions are anchored.
 * @throws Error that says what was expected
 */
export function parseMatcher(text: string): Matcher {
  const [, name, operator, quoted, plain] = SHAPE.exec(text) ?? [];
  if (name === undefined || operator === undefined) {
    throw new Error(`expected NAME=VALUE, NAME!=VALUE, NAME=~REGEX or NAME!~REGEX, came ${JSON.stringify(text)}`);
  }
  const value = quoted ?? plain ?? "";
  if (operator.endsWith("~")) expectRegex(value);
  return { name, operator: operator as Operator, value };
}

/** Reads matchers that are separated by commas; none where the text is empty. @throws Error */
export function parseMatchers(text: string): readonly Matcher[] {
  if (text.trim() === "") return [];
  return (text.match(/(?:"[^"]*"|[^,])+/g) ?? []).map(parseMatcher);
}

/** A matcher as it can be read again. */
export function matcherText({ name, operator, value }: Matcher): string {
  return `${name}${operator}${/^[\w.:/*+?|()-]*$/.test(value) ? value : `"${value}"`}`;
}

/** Whether all matchers hold; a label that a fault does not have is an empty text. None always hold. Pure. */
export function matches(matchers: readonly Matcher[], { kind, severity, labels }: Matched): boolean {
  const values = new Map<string, string>([...Object.entries(labels), ["kind", kind], ["severity", severity]]);
  return matchers.every(({ name, operator, value }) => {
    const actual = values.get(name) ?? "";
    const holds = operator.endsWith("~") ? new RegExp(`^(?:${value})$`, "u").test(actual) : actual === value;
    return operator.startsWith("!") ? !holds : holds;
  });
}

function expectRegex(value: string): void {
  try {
    new RegExp(`^(?:${value})$`, "u");
  } catch (error) {
    throw new Error(`expected a regular expression, came ${JSON.stringify(value)}`, { cause: error });
  }
}
