import { join } from "node:path";
import type { Config } from "../config.ts";
import { readRecords } from "../csv/records.ts";
import { type Conversion, conversionOf, readHeader, type Shape, shapeOf } from "../csv/shape.ts";
import { quoteIdentifier } from "../digest.ts";
import { OperationError } from "../errors.ts";
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

/** Keys that are brought up to date in one transaction: a long one would hold up the watchdog's heals. */
const BATCH_ROWS = 5_000;

/** Whether a folder has a file that load brings in; the tutorial's data has none. */
export async function hasBatchFiles(dataDir: string): Promise<boolean> {
  return (await Promise.all(batches.map((batch) => Bun.file(join(dataDir, batch.file)).exists()))).includes(true);
}

/**
 * Brings customers and products up to date with their files, in batches. Rows that are the same already are not
 * touched, so that no event is made for them. read = inserted + updated + unchanged + repeated + rejected.
 * Interrupted, it leaves whole batches behind; run again, it does the rest.
 * @throws OperationError where neither file is there, or one lacks columns; UnreachableError
 */
export async function load(options: LoadOptions): Promise<readonly LoadResult[]> {
  if (!(await hasBatchFiles(options.dataDir))) {
    throw new OperationError(
      `no ${batches.map((batch) => batch.file).join(" and no ")} in ${options.dataDir}: nothing to load`,
    );
  }
  const sql = connectPostgres(options.config, "writer", { connections: 1, program: "tidemark-load" });
  try {
    await expectPostgres(sql, options.config);
    const results: LoadResult[] = [];
    for (const batch of batches) {
      if (options.signal?.aborted) break;
      const path = join(options.dataDir, batch.file);
      if (await Bun.file(path).exists()) results.push(await loadFile(sql, batch, path, options.signal));
      else {
        options.log.info(`${batch.file} is not there: ${batch.table} stays as it is`);
        results.push({ file: batch.file, read: 0, inserted: 0, updated: 0, unchanged: 0, repeated: 0, rejected: 0 });
      }
    }
    return results;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function loadFile(pool: Postgres, batch: Batch, path: string, signal?: AbortSignal): Promise<LoadResult> {
  const header = await readHeader(path);
  const conversion = conversionOf(path, header, batch.shape);
  const key = quoteIdentifier(batch.key);
  // A temporary table belongs to its connection.
  const reserved = await pool.reserve();
  const sql = reserved as unknown as Postgres;
  try {
    await sql.unsafe(`
      CREATE TEMPORARY TABLE incoming AS
      SELECT 0::bigint AS line, ${columnList(conversion)} FROM ${batch.table} WITH NO DATA`);
    let read = 0;
    let rejected = 0;
    for await (const records of readRecords(path, header, header.fields.length)) {
      const { rows, rejects } = sort(records, conversion, batch.key);
      read += records.length;
      rejected += rejects.length;
      await copyIn(sql, conversion, rows);
      if (rejects.length > 0) await insertRejects(sql, batch.file, rejects, null);
    }
    await sql.unsafe(`CREATE INDEX ON incoming (${key}, line); ANALYZE incoming`);
    const removed = await sql.unsafe(`
      DELETE FROM incoming
      WHERE EXISTS (SELECT FROM incoming later WHERE later.${key} = incoming.${key} AND later.line > incoming.line)`);
    const counts = await upsert(sql, batch, conversion, signal);
    await sql.unsafe("DROP TABLE incoming");
    return { file: batch.file, read, ...counts, repeated: removed.count, rejected };
  } finally {
    reserved.release();
  }
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

/** Writes what differs, a batch of keys at a time, each in a transaction of its own. */
async function upsert(sql: Postgres, batch: Batch, conversion: Conversion, signal?: AbortSignal) {
  const key = quoteIdentifier(batch.key);
  const columns = columnList(conversion);
  const others = conversion.columns.filter((column) => column !== batch.key).map(quoteIdentifier);
  const all = (table: string) => others.map((name) => `${table}.${name}`).join(", ");
  const counts = { inserted: 0, updated: 0, unchanged: 0 };
  // Rows that are the same are left out before the insert: ON CONFLICT would lock them.
  const statement = `
    WITH batch AS (
      SELECT ${columns} FROM incoming WHERE $1::bigint IS NULL OR ${key} > $1 ORDER BY ${key} LIMIT ${BATCH_ROWS}
    ), written AS (
      INSERT INTO ${batch.table} AS t (${columns})
      SELECT ${columns} FROM batch b WHERE NOT EXISTS (
        SELECT FROM ${batch.table} s WHERE s.${key} = b.${key} AND (${all("s")}) IS NOT DISTINCT FROM (${all("b")}))
      ON CONFLICT (${key}) DO UPDATE SET ${others.map((name) => `${name} = excluded.${name}`).join(", ")}
      WHERE (${all("t")}) IS DISTINCT FROM (${all("excluded")})
      RETURNING (xmax = 0) AS is_new
    ) SELECT (SELECT count(*) FROM batch)::int AS total, (SELECT max(${key}) FROM batch)::text AS last,
             count(*) FILTER (WHERE is_new)::int AS inserted, count(*) FILTER (WHERE NOT is_new)::int AS updated
      FROM written`;
  let last: string | null = null;
  while (!signal?.aborted) {
    type Done = { total: number; last: string | null; inserted: number; updated: number };
    const [done]: Done[] = await sql.unsafe<Done[]>(statement, [last]);
    if (done === undefined || done.total === 0) break;
    counts.inserted += done.inserted;
    counts.updated += done.updated;
    counts.unchanged += done.total - done.inserted - done.updated;
    last = done.last;
  }
  return counts;
}

function columnList(conversion: Conversion): string {
  return conversion.columns.map(quoteIdentifier).join(", ");
}
