import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  CodecError,
  dateText,
  daysFromText,
  floatText,
  microsFromText,
  plainDecimal,
  rowFromEvent,
  timestampText,
  timeText,
  zonedText,
} from "./row-codec.ts";

test.each([
  [0, "0"],
  [-0, "-0"],
  [0.1, "0.1"],
  [1e15, "1e+15"],
  [123456789012345.6, "123456789012345.6"],
  [0.0001, "0.0001"],
  [0.00001, "1e-05"],
  [1.7976931348623157e308, "1.7976931348623157e+308"],
  [-1234.5, "-1234.5"],
])("double precision %p prints as %p", (value, text) => {
  expect(floatText(value, 15)).toBe(text);
});

test.each([
  ["1E-7", "0.0000001"],
  ["-1.5e-3", "-0.0015"],
  ["1.25E+3", "1250"],
  ["1.23456e2", "123.456"],
  ["0.00", "0.00"],
  ["NaN", "NaN"],
])("the decimal %p is %p without exponent", (given, text) => {
  expect(plainDecimal(given)).toBe(text);
});

test.each([
  [0n, "1970-01-01 00:00:00"],
  [-1n, "1969-12-31 23:59:59.999999"],
  [1_709_251_199_999_999n, "2024-02-29 23:59:59.999999"],
  [-210_866_803_200_000_000n, "4714-11-24 00:00:00 BC"],
])("timestamp %p prints as %p, and back", (micros, text) => {
  expect(timestampText(micros)).toBe(text);
  expect(microsFromText(text)).toBe(micros);
});

test.each([
  [0, "1970-01-01"],
  [-719_162, "0001-01-01"],
  [-719_163, "0001-12-31 BC"],
  [2_145_042_905, "5874897-12-31"],
  [2_146_033_979, "infinity"],
  [-622_191_234, "infinity"],
  [-2_147_472_691, "-infinity"],
  [-625_821_272, "-infinity"],
])("date %p prints as %p", (days, text) => {
  expect(dateText(days)).toBe(text);
});

test("any timestamp and date within PostgreSQL's range comes back as it was", () => {
  const micros = fc.bigInt({ min: -210_866_803_200_000_000n, max: 9_223_371_331_199_999_999n });
  fc.assert(fc.property(micros, (value) => microsFromText(timestampText(value)) === value));
  fc.assert(
    fc.property(
      fc.integer({ min: -2_440_588, max: 2_145_042_905 }),
      (value) => daysFromText(dateText(value)) === BigInt(value),
    ),
  );
});

test.each([
  [86_400_000_000n, "24:00:00"],
  [1n, "00:00:00.000001"],
  [45_000_500_000n, "12:30:00.5"],
])("time %p prints as %p", (micros, text) => {
  expect(timeText(micros)).toBe(text);
});

test.each([
  ["2026-11-23T23:11:26.873323Z", "2026-11-23 23:11:26.873323+00"],
  ["2026-11-23T23:11:26.870000Z", "2026-11-23 23:11:26.87+00"],
  ["2026-11-23T23:11Z", "2026-11-23 23:11:00+00"],
  ["+12345-06-07T08:09:10Z", "12345-06-07 08:09:10+00"],
  ["-0043-03-15T00:00:00Z", "0044-03-15 00:00:00+00 BC"],
])("timestamptz %p prints as %p", (given, text) => {
  expect(zonedText(given)).toBe(text);
});

test("an error of decoding names the column and not the value", () => {
  const table = {
    name: "t",
    key: ["id"],
    timeColumn: "at",
    columns: [{ name: "id", type: "bigint", notNull: true } as const],
  };
  expect(() => rowFromEvent(table, { id: "secret" })).toThrow(CodecError);
  expect(() => rowFromEvent(table, { id: "secret" })).not.toThrow("secret");
  expect(() => rowFromEvent(table, {})).toThrow("t.id");
});
