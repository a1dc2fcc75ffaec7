import type { Config } from "../src/config.ts";
import { connectPostgres, type Postgres } from "../src/postgres.ts";
import { indexAlias, type Table } from "../src/tables.ts";

/** A difference: where it is and of what kind; never a value. */
export type Difference = { readonly id: string; readonly kind: "missing" | "ghost" | "field"; readonly field?: string };
export type TableVerdict = {
  readonly rows: number;
  readonly documents: number;
  readonly differences: readonly Difference[];
};
export type Verdict = { readonly identical: boolean; readonly tables: Readonly<Record<string, TableVerdict>> };

type Column = { name: string; type: string };
type Document = Record<string, unknown>;
/** Differences listed for each table; more are not needed to know that there are some. */
const LISTED = 20;
const PAGE = 5_000;

/**
 * Reads every row and every document and compares them field by field. Code of its own: it shares neither codec nor
 * digest with what it judges. Meant for data at rest.
 */
export async function judge(config: Config, tables: readonly Table[]): Promise<Verdict> {
  const sql = connectPostgres(config, "admin", { connections: 1, program: "tidemark-oracle" });
  try {
    const verdicts: Record<string, TableVerdict> = {};
    for (const table of tables) verdicts[table.name] = await judgeTable(sql, config, table);
    return { identical: Object.values(verdicts).every((one) => one.differences.length === 0), tables: verdicts };
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function judgeTable(sql: Postgres, config: Config, table: Table): Promise<TableVerdict> {
  const columns = await sql<Column[]>`
    SELECT column_name AS name, data_type AS type FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name = ${table.name}`;
  const documents = await readDocuments(config, table);
  const total = documents.size;
  const differences: Difference[] = [];
  let rows = 0;
  const selected = columns.map((column) => `"${column.name}"::text AS "${column.name}"`).join(", ");
  const query = sql.unsafe(`SELECT ${selected} FROM public."${table.name}"`).cursor(PAGE);
  for await (const page of query) {
    for (const row of page as unknown as Record<string, string | null>[]) {
      rows++;
      const parts = table.key.map((name) => row[name]);
      const id = parts.length === 1 ? String(parts[0]) : JSON.stringify(parts);
      const document = documents.get(id);
      documents.delete(id);
      if (document === undefined) differences.push({ id, kind: "missing" });
      else differences.push(...compareFields(id, table, columns, row, document));
    }
  }
  for (const id of documents.keys()) differences.push({ id, kind: "ghost" });
  return { rows, documents: total, differences: differences.slice(0, LISTED) };
}

function compareFields(
  id: string,
  table: Table,
  columns: readonly Column[],
  row: Record<string, string | null>,
  document: Document,
): Difference[] {
  const differences: Difference[] = [];
  const expected = new Set(["tidemark", ...columns.map((column) => column.name)]);
  for (const { name, type } of columns) {
    if (!sameValue(type, row[name] ?? null, document[name])) differences.push({ id, kind: "field", field: name });
  }
  if (table.point) {
    const { field, latitude, longitude } = table.point;
    const point = document[field] as { lat: NumberText; lon: NumberText } | undefined;
    const has = row[latitude] != null && row[longitude] != null;
    const right = has
      ? Number(row[latitude]) === Number(point?.lat.text) && Number(row[longitude]) === Number(point?.lon.text)
      : point === undefined;
    if (!right) differences.push({ id, kind: "field", field });
    expected.add(field);
  }
  for (const name in document) {
    if (!expected.has(name)) differences.push({ id, kind: "field", field: name });
  }
  return differences;
}

/** A JSON number as it was written, so that no digit is judged after rounding. */
class NumberText {
  constructor(readonly text: string) {}
}

/** Whether a document's value is exactly the row's; pure. */
export function sameValue(type: string, expected: string | null, value: unknown): boolean {
  if (expected === null) return value === undefined || value === null;
  switch (type) {
    case "smallint":
    case "integer":
    case "bigint":
      return value instanceof NumberText && value.text === expected;
    case "real":
      return Object.is(Math.fround(numberOf(value)), Math.fround(Number(expected)));
    case "double precision":
      return Object.is(numberOf(value), Number(expected));
    case "boolean":
      return value === (expected === "true");
    case "bytea":
      return typeof value === "string" && `\\x${Buffer.from(value, "base64").toString("hex")}` === expected;
    case "timestamp with time zone":
    case "timestamp without time zone":
      return typeof value === "string" && (value === expected || postgresTime(value) === expected);
    default:
      return value === expected;
  }
}

function numberOf(value: unknown): number {
  if (value instanceof NumberText) return Number(value.text);
  return typeof value === "string" ? Number(value) : Number.NEGATIVE_INFINITY;
}

function postgresTime(iso: string): string {
  return iso.replace("T", " ").replace(/Z$/, "+00");
}

async function readDocuments(config: Config, table: Table): Promise<Map<string, Document>> {
  const alias = indexAlias(config.indexPrefix, table);
  await request(config, "POST", `/${alias}/_refresh`);
  const opened = await request(config, "POST", `/${alias}/_pit?keep_alive=2m`);
  const documents = new Map<string, Document>();
  let pit = String(opened.id);
  let after: unknown;
  try {
    for (;;) {
      const page = await request(config, "POST", "/_search", {
        size: PAGE,
        pit: { id: pit, keep_alive: "2m" },
        sort: ["_shard_doc"],
        track_total_hits: false,
        ...(after === undefined ? {} : { search_after: after }),
      });
      pit = String(page.pit_id ?? pit);
      const { hits } = page.hits as { hits: { _id: string; _source: Document; sort: NumberText[] }[] };
      for (const hit of hits) documents.set(hit._id, hit._source);
      if (hits.length < PAGE) return documents;
      after = hits.at(-1)?.sort.map((value) => (value instanceof NumberText ? Number(value.text) : value));
    }
  } finally {
    await request(config, "DELETE", "/_pit", { id: pit });
  }
}

async function request(config: Config, method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(config.elasticsearchUrl + path, {
    method,
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`oracle: Elasticsearch answered ${response.status} to ${method} ${path}`);
  return JSON.parse(text, (_key, value, context?: { source: string }) =>
    typeof value === "number" ? new NumberText(context?.source ?? String(value)) : value,
  );
}
