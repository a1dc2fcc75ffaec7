import { formatLsn } from "../../src/lsn.ts";
import type { Postgres } from "../../src/postgres.ts";
import type { Explanation } from "../compare/explain.ts";
import type { Divergence } from "../compare/recheck.ts";
import { msOfTimestamp, timestampOf } from "./time.ts";

/** `open`: found; `emitted`: its heal waits to be confirmed; `quarantined`: would not heal. */
export type StandingState = "open" | "emitted" | "quarantined";

/** A divergence that has not come to its end. */
export type Standing = {
  readonly id: number;
  readonly documentId: string;
  readonly bucketMs: number | null;
  readonly verdict: string;
  readonly cause: string;
  readonly detail: string;
  readonly postgresDigest: number | null;
  readonly documentVersion: number | null;
  readonly state: StandingState;
  readonly attempts: number;
  readonly foundAtMs: number;
};

type Row = {
  id: string;
  document_id: string;
  bucket_start: string | null;
  verdict: string;
  cause: string;
  detail: string;
  postgres_digest: string | null;
  document_version: string | null;
  state: StandingState;
  attempts: number;
  found_at: string;
};

const PAGE = 1_000;

/**
 * Keeps what was found. A row that is known already keeps its age, attempts and state, with the newer evidence; one in
 * quarantine whose row changed since is open again.
 */
export async function recordDivergences(
  sql: Postgres,
  table: string,
  divergences: readonly Divergence[],
  explanations: ReadonlyMap<string, Explanation>,
): Promise<void> {
  for (let start = 0; start < divergences.length; start += PAGE) {
    const rows = divergences.slice(start, start + PAGE).map((divergence) => {
      const { id, bucketMs, row, document, fenceLsn } = divergence;
      const { verdict, cause, detail } = explanations.get(id) ?? { ...divergence, cause: "unknown", detail: "" };
      return {
        table_name: table,
        document_id: id,
        bucket_start: timestampOf(bucketMs),
        verdict,
        cause,
        detail,
        postgres_digest: row?.digest ?? null,
        document_digest: document?.digest ?? null,
        document_version: document?.version ?? null,
        fence_lsn: formatLsn(fenceLsn),
      };
    });
    await sql`
      INSERT INTO watchdog.divergences ${sql(rows)}
      ON CONFLICT (table_name, document_id) WHERE state IN ('open', 'emitted', 'quarantined') DO UPDATE SET
        verdict = excluded.verdict, cause = excluded.cause, detail = excluded.detail, fence_lsn = excluded.fence_lsn,
        document_digest = excluded.document_digest, document_version = excluded.document_version,
        state = CASE WHEN divergences.state = 'quarantined' AND divergences.postgres_digest IS NOT DISTINCT FROM excluded.postgres_digest
                     THEN divergences.state ELSE 'open' END,
        attempts = CASE WHEN divergences.postgres_digest IS NOT DISTINCT FROM excluded.postgres_digest THEN divergences.attempts ELSE 0 END,
        postgres_digest = excluded.postgres_digest`;
  }
}

/** Divergences of a table that stand, oldest first. */
export async function readStanding(
  sql: Postgres,
  table: string,
  states: readonly StandingState[] = ["open", "emitted", "quarantined"],
  limit = 100_000,
): Promise<readonly Standing[]> {
  const rows = await sql<Row[]>`
    SELECT id, document_id, bucket_start, verdict, cause, detail, postgres_digest, document_version, state, attempts, found_at
    FROM watchdog.divergences WHERE table_name = ${table} AND state IN ${sql(states as string[])}
    ORDER BY id LIMIT ${limit}`;
  return rows.map((row) => ({
    id: Number(row.id),
    documentId: row.document_id,
    bucketMs: row.bucket_start === null ? null : msOfTimestamp(row.bucket_start),
    verdict: row.verdict,
    cause: row.cause,
    detail: row.detail,
    postgresDigest: row.postgres_digest === null ? null : Number(row.postgres_digest),
    documentVersion: row.document_version === null ? null : Number(row.document_version),
    state: row.state,
    attempts: row.attempts,
    foundAtMs: msOfTimestamp(row.found_at) ?? 0,
  }));
}

/** Heals of these rows are on their way: each counts as one attempt. */
export async function markEmitted(sql: Postgres, table: string, ids: readonly string[]): Promise<void> {
  await sql`
    UPDATE watchdog.divergences SET state = 'emitted', attempts = attempts + 1
    WHERE table_name = ${table} AND state IN ('open', 'emitted') AND document_id = ANY(${ids as string[]})`;
}

/** These rows are equal now: healed where a heal was sent, gone where none was. */
export async function closeEqual(sql: Postgres, table: string, ids: readonly string[]): Promise<number> {
  const closed = await sql`
    UPDATE watchdog.divergences SET state = CASE WHEN attempts > 0 THEN 'healed' ELSE 'gone' END, closed_at = now()
    WHERE table_name = ${table} AND state IN ('open', 'emitted', 'quarantined') AND document_id = ANY(${ids as string[]})`;
  return closed.count;
}

/** Puts rows aside that were healed `attempts` times or more and still differ. Returns how many. */
export async function quarantine(sql: Postgres, table: string, attempts: number): Promise<number> {
  const rows = await sql`
    UPDATE watchdog.divergences SET state = 'quarantined'
    WHERE table_name = ${table} AND state = 'open' AND attempts >= ${attempts}`;
  return rows.count;
}

/** Opens what is in quarantine, for a person who has mended the cause. */
export async function reopen(sql: Postgres, table: string): Promise<void> {
  await sql`
    UPDATE watchdog.divergences SET state = 'open', attempts = 0
    WHERE table_name = ${table} AND state = 'quarantined'`;
}
