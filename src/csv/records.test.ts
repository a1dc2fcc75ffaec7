import { expect, test } from "bun:test";
import fc from "fast-check";
import { followQuotes } from "./quotes.ts";
import { takeRecords } from "./records.ts";

const linesOf = (text: string) => {
  let start = 0;
  return text.split("\n").map((line) => {
    const bytes = Buffer.from(line);
    const at = { bytes, start, end: start + bytes.length + 1, returned: false };
    start = at.end;
    return at;
  });
};

test.each([
  ["a,b", false, "closed"],
  ['"a",b', false, "closed"],
  ['"a""b",c', false, "closed"],
  ['a,"open', false, "open"],
  ['still "" open', true, "open"],
  ['end",b', true, "closed"],
  ['a "quote"', false, "invalid"],
  ['"a"b,c', false, "invalid"],
  ['a,"",b', false, "closed"],
] as const)("the quotes of %p (inside: %p) are %p", (line, open, state) => {
  expect(followQuotes(Buffer.from(line), open)).toBe(state);
});

test("an unclosed quote costs its own line only", () => {
  const { records, used } = takeRecords(linesOf('a,"open\nb,c\nd,"e"\nf,g'), 1, true);
  expect(records.map(({ line, fields, reason }) => [line, fields, reason])).toEqual([
    [2, null, "quote not closed"],
    [3, ["b", "c"], undefined],
    [4, ["d", "e"], undefined],
    [5, ["f", "g"], undefined],
  ]);
  expect(used).toBe(4);
});

test("a record that may go on waits for more lines", () => {
  expect(takeRecords(linesOf('a,b\nc,"open'), 0, false).used).toBe(1);
});

test("whatever is quoted by the rules comes back as it was", () => {
  const field = fc.string({ unit: "grapheme" }).filter((text) => !/[\0\r]/.test(text));
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  fc.assert(
    fc.property(fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1 }), (rows) => {
      const text = rows.map((row) => row.map(quoted).join(",")).join("\n");
      const { records } = takeRecords(linesOf(text), 0, true);
      expect(records.map((record) => record.fields)).toEqual(rows);
    }),
  );
});
