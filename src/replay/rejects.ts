import type { Postgres } from "../postgres.ts";

/** Records lines of a file that are no rows. @param runId the replay's run; null for a load */
export async function insertRejects(
  transaction: Postgres,
  file: string,
  rejects: readonly { readonly line: number; readonly reason?: string }[],
  runId: string | null,
): Promise<void> {
  const rows = JSON.stringify(rejects.map(({ line, reason }) => ({ line, reason: reason ?? "no record" })));
  await transaction`
    INSERT INTO replay.rejects (run_id, file, line, reason)
    SELECT ${runId}::bigint, ${file}, line, reason
    FROM json_to_recordset(${rows}::text::json) AS rejected (line bigint, reason text)`;
}
