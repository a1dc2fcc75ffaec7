import { expect, test } from "bun:test";
import type { CatalogTable, ColumnType } from "./catalog.ts";
import { isFaithful, rowFromDocument, type Source } from "./document-row.ts";
import { parseLossless } from "./lossless-json.ts";
import { documentFromRow } from "./row-codec.ts";

const values: readonly (readonly [ColumnType, string])[] = [
  ["integer", "-2147483648"],
  ["bigint", "9223372036854775807"],
  ["numeric", "1.50"],
  ["numeric", "NaN"],
  ["real", "1e-45"],
  ["double precision", "5e-324"],
  ["double precision", "-Infinity"],
  ["boolean", "false"],
  ["text", "€ \u0001 👩‍👩‍👧"],
  ["uuid", "096fec88-b44c-4a27-ba14-48bcc1e670db"],
  ["date", "2024-02-29"],
  ["date", "infinity"],
  ["time without time zone", "24:00:00"],
  ["timestamp without time zone", "2024-02-29 23:59:59.999999"],
  ["timestamp with time zone", "2024-07-01 06:30:00.1+00"],
  ["timestamp with time zone", "infinity"],
  ["timestamp with time zone", "0044-03-15 00:00:00+00 BC"],
  ["json", '{"b": 1,  "a": [1, 2.50, null]}'],
  ["jsonb", "null"],
  ["bytea", "\\x00ff10"],
];

function tableOf(type: ColumnType): CatalogTable {
  return {
    name: "one",
    key: ["id"],
    timeColumn: "created_at",
    columns: [
      { name: "id", type: "text", notNull: true },
      { name: "value", type, notNull: false },
    ],
  };
}

/** As it comes back from Elasticsearch. */
function asStored(document: object): Source {
  return parseLossless(JSON.stringify(document), () => true) as Source;
}

test.each(values)("%s %s comes back from the document that it makes", (type, text) => {
  const table = tableOf(type);
  const row = { id: "1", value: text };
  const document = asStored(documentFromRow(table, row));
  expect(rowFromDocument(table, document)).toEqual(row);
  expect(isFaithful(table, { ...document, tidemark: { digest: 1 } })).toBe(true);
  expect(rowFromDocument(table, asStored(documentFromRow(table, { id: "1", value: null })))).toEqual({
    id: "1",
    value: null,
  });
});

test("a document with another field, a null that is written out, or a value of another form is not the sink's", () => {
  const table = tableOf("integer");
  const document = asStored(documentFromRow(table, { id: "1", value: "5" }));
  expect(isFaithful(table, { ...document, extra: 1 })).toBe(false);
  expect(isFaithful(table, { ...document, value: null })).toBe(false);
  expect(() => isFaithful(table, { ...document, value: "five" })).toThrow("one.value is no integer");
});
