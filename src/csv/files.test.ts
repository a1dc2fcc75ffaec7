import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MAX_RECORD_BYTES, readRecords } from "./records.ts";
import { readHeader, requireFields } from "./shape.ts";
import { CsvWriter } from "./writer.ts";

const folder = mkdtempSync(join(tmpdir(), "tidemark-csv-"));
const path = join(folder, "rows.csv");
afterAll(() => rmSync(folder, { recursive: true }));

/** Every record of a file with three columns: its fields, or its line and why it is none. */
async function read(content: string | Uint8Array): Promise<unknown[]> {
  writeFileSync(path, content);
  const seen: unknown[] = [];
  for await (const records of readRecords(path, { byte: 0, linesRead: 0 }, 3)) {
    for (const { line, fields, reason } of records) seen.push(fields ?? `${line}: ${reason}`);
  }
  return seen;
}

const good = ["7", "8", "9"];

test.each<[string, string | Uint8Array, unknown[]]>([
  ["a byte order mark is passed over", "\ufeffa,b,c\n7,8,9\n", [["a", "b", "c"], good]],
  ["a byte order mark before a quote is, too", '\ufeff"a",b,c\n', [["a", "b", "c"]]],
  ["CRLF ends a line, and stays within quotes", 'a,"b\r\nB",c\r\n7,8,9\r\n', [["a", "b\r\nB", "c"], good]],
  ["a lone carriage return is text", 'a\rA,"b",c\n7,8,9\n', [["a\rA", "b", "c"], good]],
  ["blank lines are nothing", "\n7,8,9\n\n\r\n7,8,9\n\n", [good, good]],
  ["the last line needs no end", "7,8,9", [good]],
  ["a real U+FFFD is text", "a,\ufffd,c\n", [["a", "\ufffd", "c"]]],
  ["missing columns", "a,b\n7,8,9\n", ["1: 2 columns, expected 3", good]],
  ["NUL", "a,\0,c\n7,8,9\n", ["1: NUL character", good]],
  ["invalid UTF-8", Buffer.from("a,\xff,c\n7,8,9\n", "latin1"), ["1: invalid UTF-8", good]],
  ["an unclosed quote at the end", '7,8,9\na,b,"c\n', [good, "2: quote not closed"]],
  [
    "a stray quote that meets another one further down swallows no good row",
    'a,"b,c\n7,8,9\n7,8,9\na,b",c,d\n7,8,9\n',
    ["1: quote not closed", good, good, "4: quote out of place", good],
  ],
  [
    "a quoted field of many lines with a column too many costs its own lines only",
    'a,"b\nb",c,d\n7,8,9\n',
    ["1: quote not closed", "2: quote out of place", good],
  ],
])("%s", async (_title, content, expected) => {
  expect(await read(content)).toEqual(expected);
});

test("an overlong line is passed over, however long, and the next ones are read", async () => {
  const long = "x".repeat(3 * MAX_RECORD_BYTES);
  expect(await read(`7,8,9\n${long}\n7,8,9\n${long}`)).toEqual([
    good,
    `2: longer than ${MAX_RECORD_BYTES} bytes`,
    good,
    `4: longer than ${MAX_RECORD_BYTES} bytes`,
  ]);
});

test("reading from a record's end goes on with the next, wherever chunks are cut", async () => {
  const rows = Array.from({ length: 40_000 }, (_, at) => [
    String(at),
    at % 9 === 0 ? 'a "quote",\n' : "é",
    "x".repeat(40),
  ]);
  {
    using writer = new CsvWriter(path, ["a", "b", "c"]);
    for (const row of rows) writer.write(row);
    writer.close();
  }
  const header = await readHeader(path);
  const ends: { byte: number; linesRead: number }[] = [];
  let at = 0;
  for await (const records of readRecords(path, header, 3)) {
    for (const { fields, end, linesRead } of records) {
      expect(fields).toEqual(rows[at++] ?? []);
      ends.push({ byte: end, linesRead });
    }
  }
  expect(at).toBe(rows.length);
  for (const taken of [0, 17, 20_000, 39_998]) {
    for await (const [next] of readRecords(path, ends[taken]!, 3)) {
      expect(next?.fields).toEqual(rows[taken + 1]!);
      expect(next?.line).toBe(ends[taken]!.linesRead + 1);
      break;
    }
  }
});

test.each([
  ["", /empty/],
  ['"a,b\n', /no header in line 1: quote not closed/],
  ["a,b,a\n", /column a stands twice/],
])("the header %p is refused", async (content, message) => {
  writeFileSync(path, content);
  await expect(readHeader(path)).rejects.toThrow(message);
});

test("a missing file and missing columns are named", async () => {
  await expect(readHeader(join(folder, "none.csv"))).rejects.toThrow(/none\.csv cannot be read/);
  writeFileSync(path, "a,b\n");
  const header = await readHeader(path);
  expect(() => requireFields(path, header, ["a", "c", "d"])).toThrow(/rows\.csv lacks the columns c, d/);
});
