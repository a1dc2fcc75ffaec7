import { join } from "node:path";
import type { Config } from "../config.ts";
import { readRecords } from "../csv/records.ts";
import { type Conversion, conversionOf, readHeader, type Shape, shapeOf } from "../csv/shape.ts";
import { quoteIdentifier } from "../digest.ts";
import type { Log } from "../log.ts";
import { connectPostgres, expectPostgres, type Postgres } from "../postgres.ts";
import { copyLine } from "../replay/copy-text.ts";
import { insertRejects } from "../replay/rejects.ts";

type Batch = { readonly table: string; readonly file: string; readonly key: string; readonly shape: Shape };

const batches: readonly Batch[] = [
  {
    table: "customers",
    file: "customer.csv",
    key: "customer_id",
    shape: shapeOf({
      customer_id: "bigint",
      first_name: "text",
      last_name: "text",
      username: "text",
      email: "text",
      gender: "text",
      birthdate: "date",
      device_type: "text",
      device_id: "text",
      device_version: "text",
      home_location_lat: "double",
      home_location_long: "double",
      home_location: "text",
      home_country: "text",
      first_join_date: "date",
    }),
  },
  {
    table: "products",
    file: "product.csv",
    key: "id",
    shape: shapeOf({
      id: "bigint",
      gender: "text",
      masterCategory: "text",
      subCategory: "text",
      articleType: "text",
      baseColour: "text",
      season: "text",
      year: "integer",
      usage: "text",
      productDisplayName: "text",
    }),
  },
];

export type LoadResult = {
  readonly file: string;
  readonly read: number;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  /** Earlier rows of a key that stands in the file again: the last wins. */
  readonly repeated: number;
  readonly rejected: number;
};

export type LoadOptions = {
  readonly config: Config;
  readonly dataDir: string;
  readonly log: Log;
  readonly signal?: AbortSignal;
};

type Row = { readonly line: number; readonly values: readonly (string | null)[] };
type Reject = { readonly line: number; readonly reason: string };

/**
 * Brings customers and products up to date with their files, each in one transaction. Rows that are the same already
 * are not touched, so that no event is made for them. read = inserted + updated + unchanged + repeated + rejected.
 * @throws OperationError, UnreachableError
 */
export async function load(options: LoadOptions): Promise<readonly LoadResult[]> {
  const sql = connectPostgres(options.config, "writer", { connections: 1, program: "tidemark-load" });
  try {
    await expectPostgres(sql, options.config);
    const results: LoadResult[] = [];
    for (const batch of batches) {
      if (options.signal?.aborted) break;
      results.push(await loadFile(sql, batch, join(options.dataDir, batch.file), options.log));
    }
    return results;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function loadFile(sql: Postgres, batch: Batch, path: string, log: Log): Promise<LoadResult> {
  if (!(await Bun.file(path).exists())) {
    log.info(`${batch.file} is not there: ${batch.table} stays as it is`);
    return { file: batch.file, read: 0, inserted: 0, updated: 0, unchanged: 0, repeated: 0, rejected: 0 };
  }
  const header = await readHeader(path);
  const conversion = conversionOf(path, header, batch.shape);
  return sql.begin(async (begun) => {
    const transaction = begun as unknown as Postgres;
    await transaction.unsafe(`
      CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS
      SELECT 0::bigint AS line, ${columnList(conversion)} FROM ${batch.table} WITH NO DATA`);
    let read = 0;
    let rejected = 0;
    for await (const records of readRecords(path, header, header.fields.length)) {
      const { rows, rejects } = sort(records, conversion, batch.key);
      read += records.length;
      rejected += rejects.length;
      await copyIn(transaction, conversion, rows);
      if (rejects.length > 0) await insertRejects(transaction, batch.file, rejects, null);
    }
    const counts = await merge(transaction, batch, conversion);
    return { file: batch.file, read, ...counts, rejected };
  });
}

function sort(
  records: readonly { line: number; fields: readonly string[] | null; reason?: string }[],
  conversion: Conversion,
  key: string,
): { rows: readonly Row[]; rejects: readonly Reject[] } {
  const rows: Row[] = [];
  const rejects: Reject[] = [];
  const keyAt = conversion.columns.indexOf(key);
  for (const { line, fields, reason } of records) {
    const values = fields === null ? (reason ?? "no record") : conversion.convert(fields);
    if (typeof values === "string") rejects.push({ line, reason: values });
    else if (values[keyAt] === null) rejects.push({ line, reason: `${key}: expected a key, got nothing` });
    else rows.push({ line, values });
  }
  return { rows, rejects };
}

async function copyIn(transaction: Postgres, conversion: Conversion, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  const copy = await transaction.unsafe(`COPY incoming (line, ${columnList(conversion)}) FROM STDIN`).writable();
  await new Promise<void>((resolve, reject) => {
    copy.once("error", reject);
    copy.once("finish", () => resolve());
    copy.end(rows.map(({ line, values }) => copyLine([String(line), ...values])).join(""));
  });
}

async function merge(transaction: Postgres, batch: Batch, conversion: Conversion) {
  const key = quoteIdentifier(batch.key);
  const others = conversion.columns.filter((column) => column !== batch.key).map(quoteIdentifier);
  const [removed] = await transaction.unsafe<{ count: string }[]>(`
    WITH gone AS (
      DELETE FROM incoming a USING incoming b WHERE a.${key} = b.${key} AND a.line < b.line RETURNING a.line
    ) SELECT count(DISTINCT line) AS count FROM gone`);
  const [counts] = await transaction.unsafe<{ inserted: string; updated: string; total: string }[]>(`
    WITH written AS (
      INSERT INTO ${batch.table} AS t (${columnList(conversion)})
      SELECT ${columnList(conversion)} FROM incoming ORDER BY line
      ON CONFLICT (${key}) DO UPDATE SET ${others.map((name) => `${name} = excluded.${name}`).join(", ")}
      WHERE (${others.map((name) => `t.${name}`).join(", ")})
            IS DISTINCT FROM (${others.map((name) => `excluded.${name}`).join(", ")})
      RETURNING (xmax = 0) AS is_new
    ) SELECT count(*) FILTER (WHERE is_new) AS inserted, count(*) FILTER (WHERE NOT is_new) AS updated,
             (SELECT count(*) FROM incoming) AS total FROM written`);
  const inserted = Number(counts?.inserted ?? 0);
  const updated = Number(counts?.updated ?? 0);
  return {
    inserted,
    updated,
    unchanged: Number(counts?.total ?? 0) - inserted - updated,
    repeated: Number(removed?.count ?? 0),
  };
}

function columnList(conversion: Conversion): string {
  return conversion.columns.map(quoteIdentifier).join(", ");
}
