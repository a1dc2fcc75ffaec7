import { expect, test } from "bun:test";
import { convertField, type FieldKind } from "./convert.ts";

test.each<[FieldKind, string, string | null]>([
  ["text", "", null],
  ["bigint", "", null],
  ["text", " as it came ", " as it came "],
  ["bigint", "16285.0", "16285"],
  ["bigint", "16285.", "16285"],
  ["bigint", "-9223372036854775808", "-9223372036854775808"],
  ["integer", "2147483647", "2147483647"],
  ["numeric", "379451.0", "379451.0"],
  ["numeric", "-0.10", "-0.10"],
  ["numeric", "1e-05", "1e-05"],
  ["double", "-6.760482681728943", "-6.760482681728943"],
  ["double", "1e308", "1e308"],
  ["double", "0e-999", "0e-999"],
  ["timestamp", "2022-07-31 12:34:56", "2022-07-31 12:34:56"],
  ["date", "2022-07-31", "2022-07-31"],
])("%s %p is written as %p", (kind, value, expected) => {
  expect(convertField(kind, value)).toBe(expected);
});

test.each<[FieldKind, string, string]>([
  ["bigint", "16285.5", "expected a whole number"],
  ["bigint", "1e3", "expected a whole number"],
  ["bigint", "9223372036854775808", "out of range for bigint"],
  ["integer", "-2147483649", "out of range for integer"],
  ["numeric", "NaN", "expected a number"],
  ["numeric", "Infinity", "expected a number"],
  ["numeric", "1,5", "expected a number"],
  ["numeric", " 1", "expected a number"],
  ["double", "1e309", "out of range for double precision"],
  ["double", "1e-400", "out of range for double precision"],
  ["timestamp", "yesterday", "expected a time"],
  ["date", "2022-02-30", "expected a day of the calendar"],
])("%s %p is refused: %s", (kind, value, reason) => {
  expect(() => convertField(kind, value)).toThrow(reason);
});
