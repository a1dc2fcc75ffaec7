import type { Postgres } from "../../src/postgres.ts";
import type { Table } from "../../src/tables.ts";

/** A table with a column of every supported type. */
export const everyType: Table = {
  name: "every_type",
  key: ["id"],
  timeColumn: "created_at",
  searchColumns: ["c_text"],
};

/** For each column the literals that it is tried with, beside NULL. */
export const literals: Readonly<Record<string, readonly string[]>> = {
  "c_smallint smallint": ["0", "-32768", "32767"],
  "c_integer integer": ["0", "-2147483648", "2147483647"],
  "c_bigint bigint": ["0", "-9223372036854775808", "9223372036854775807", "9007199254740993", "-9007199254740993"],
  "c_numeric numeric": [
    "0",
    "0.00",
    "-0.0000001",
    "1.50",
    "12345678901234567890.123456789012345678901234567890",
    "1e-20",
    "1e25",
    "'NaN'",
    "'Infinity'",
    "'-Infinity'",
  ],
  "c_money numeric(14, 2)": ["0", "1.5", "-999999999999.99"],
  "c_real real": [
    "0",
    "'-0'",
    "1.1",
    "1e6",
    "123456",
    "1e-5",
    "3.4028235e38",
    "1.17549435e-38",
    "1e-45",
    "'NaN'",
    "'Infinity'",
  ],
  "c_double double precision": [
    "0",
    "'-0'",
    "0.1",
    "1e15",
    "123456789012345.6",
    "1e-5",
    "1.7976931348623157e308",
    "5e-324",
    "107.14503817685424",
    "'NaN'",
    "'-Infinity'",
  ],
  "c_boolean boolean": ["true", "false"],
  "c_text text": [
    "''",
    "'plain'",
    `E'quote " apostrophe \\' backslash \\\\ slash /'`,
    "E'line\\nbreak\\r\\ntab\\t'",
    "'NULL'",
    "'emoji 👩‍👩‍👧 and é combining e\u0301'",
    "E'\\u0001 \\u2028 \\uFFFD'",
    "repeat('0123456789', 10000)",
    "repeat('€', 40000)",
  ],
  "c_varchar varchar(40)": ["''", "'  spaces  '"],
  "c_uuid uuid": ["'00000000-0000-0000-0000-000000000000'", "'096FEC88-b44c-4a27-ba14-48bcc1e670db'"],
  "c_date date": [
    "'1970-01-01'",
    "'0001-01-01'",
    "'4713-01-01 BC'",
    "'9999-12-31'",
    "'5874897-12-31'",
    "'infinity'",
    "'-infinity'",
    "'2024-02-29'",
  ],
  "c_time time": ["'00:00:00'", "'23:59:59.999999'", "'24:00:00'", "'12:30'"],
  "c_timestamp timestamp": [
    "'1970-01-01 00:00:00'",
    "'2024-02-29 23:59:59.999999'",
    "'0001-01-01 00:00:00'",
    "'1969-12-31 23:59:59.999999'",
    "'2262-04-11 23:47:16.854775'",
    "'9999-12-31 23:59:59.5'",
    "'4713-01-01 BC'",
    "'infinity'",
    "'-infinity'",
  ],
  "c_timestamptz timestamptz": [
    "'1970-01-01 00:00:00+00'",
    "'2024-02-29 23:59:59.999999+00'",
    "'2024-07-01 12:00:00.1+05:30'",
    "'0001-01-01 00:00:00+00'",
    "'1969-12-31 23:59:59.999999+00'",
    "'9999-12-31 23:59:59.5+00'",
    "'12345-06-07 08:09:10+00'",
    "'0044-03-15 BC'",
    "'infinity'",
    "'-infinity'",
  ],
  "c_json json": [`'{"b": 1,  "a": [1, 2.50, null]}'`, "'\"text\"'", "'null'"],
  "c_jsonb jsonb": [`'{"b": 1,  "a": [1, 2.50, null], "n": 12345678901234567890}'`, "'null'"],
  "c_bytea bytea": ["''", "'\\x00ff10'"],
};

/** Debezium 3.7 loses the era of a date in a snapshot (java.sql.Date), and nothing in the event tells. */
export const wrongInSnapshots: readonly (readonly [column: string, literal: string])[] = [
  ["c_date date", "'4713-01-01 BC'"],
];

/** Makes the table, with its place in the publication. */
export async function createEveryType(sql: Postgres): Promise<void> {
  await sql.unsafe(`
    CREATE TABLE every_type (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ${Object.keys(literals).join(", ")},
                             created_at timestamptz NOT NULL DEFAULT now());
    ALTER TABLE every_type REPLICA IDENTITY FULL;
    GRANT SELECT ON every_type TO tidemark_replication, tidemark_watchdog;
    ALTER PUBLICATION tidemark ADD TABLE every_type;`);
}

/** One row of nothing but NULL, and one for each literal. Returns how many. */
export async function insertEveryType(sql: Postgres, left: typeof wrongInSnapshots = []): Promise<number> {
  await sql.unsafe("INSERT INTO every_type DEFAULT VALUES");
  let rows = 1;
  for (const [column, values] of Object.entries(literals)) {
    const name = column.split(" ")[0];
    for (const literal of values) {
      if (left.some((one) => one[0] === column && one[1] === literal)) continue;
      await sql.unsafe(`INSERT INTO every_type (${name}) VALUES (${literal})`);
      rows += 1;
    }
  }
  return rows;
}
