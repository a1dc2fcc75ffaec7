import type { Context } from "../context.ts";
import type { Finding } from "../finding.ts";

/** A declared table that the publication does not have; it may not exist at all. */
export type Unpublished = { readonly table: string; readonly exists: boolean };

export const publicationKinds = ["table-unpublished", "table-missing"] as const;

export async function readUnpublished({ sql, tables }: Context): Promise<readonly Unpublished[]> {
  const names = tables.map((table) => table.name);
  return [
    ...(await sql<Unpublished[]>`
      SELECT name AS table, to_regclass('public.' || quote_ident(name)) IS NOT NULL AS exists
      FROM unnest(${names}::text[]) AS name
      WHERE name NOT IN (
        SELECT tablename FROM pg_publication_tables WHERE pubname = 'tidemark' AND schemaname = 'public')`),
  ];
}

/** Pure. */
export function publicationFindings(unpublished: readonly Unpublished[]): readonly Finding[] {
  return unpublished.map(({ table, exists }) => ({
    kind: exists ? "table-unpublished" : "table-missing",
    severity: "critical",
    labels: { table },
    summary: exists
      ? `table ${table} is not in the publication tidemark: its changes are in no stream`
      : `table ${table} does not exist`,
    facts: {},
    remedy: exists ? `ALTER PUBLICATION tidemark ADD TABLE public.${table}` : "bun run setup",
    ...(exists ? { action: "adds it, and finds by comparison what was missed" } : {}),
  }));
}
