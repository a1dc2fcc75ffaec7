import type { Postgres } from "../../src/postgres.ts";
import type { Runs, RunView } from "./api.ts";
import { isoOf } from "./iso.ts";

type Row = {
  id: string;
  kind: RunView["kind"];
  table_name: string;
  started_at: string;
  finished_at: string;
  outcome: RunView["outcome"];
  fence_lsn: string | null;
  fence_at: string | null;
  fence_waits: string | null;
  postgres_rows: string | null;
  elasticsearch_documents: string | null;
  postgres_latest: string | null;
  elasticsearch_latest: string | null;
  divergences: number | null;
};

export type RunFilter = { readonly kind?: RunView["kind"]; readonly table?: string; readonly limit: number };

/** The latest runs, latest first. */
export async function readRuns(sql: Postgres, { kind, table, limit }: RunFilter): Promise<Runs> {
  const rows = await sql<Row[]>`
    SELECT id, kind, table_name, started_at, finished_at, outcome, fence_lsn::text, fence_at, fence_waits, postgres_rows,
      elasticsearch_documents, postgres_latest, elasticsearch_latest, divergences
    FROM watchdog.runs
    WHERE ${table === undefined ? sql`true` : sql`table_name = ${table}`} AND ${kind === undefined ? sql`true` : sql`kind = ${kind}`}
    ORDER BY id DESC LIMIT ${limit}`;
  return { runs: rows.map(viewOf) };
}

function viewOf(row: Row): RunView {
  const number = (text: string | null) => (text === null ? null : Number(text));
  return {
    id: Number(row.id),
    kind: row.kind,
    table: row.table_name,
    startedAt: isoOf(row.started_at) ?? "",
    finishedAt: isoOf(row.finished_at) ?? "",
    outcome: row.outcome,
    fenceLsn: row.fence_lsn,
    fenceAt: isoOf(row.fence_at),
    fenceWaits: row.fence_waits === null ? {} : (JSON.parse(row.fence_waits) as RunView["fenceWaits"]),
    postgresRows: number(row.postgres_rows),
    elasticsearchDocuments: number(row.elasticsearch_documents),
    postgresLatest: isoOf(row.postgres_latest),
    elasticsearchLatest: isoOf(row.elasticsearch_latest),
    divergences: row.divergences ?? 0,
  };
}
