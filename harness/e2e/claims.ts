import type { Pipeline } from "../pipeline.ts";
import { poll } from "../poll.ts";

/** Rows that were committed in one transaction, and an LSN at or after their commit. */
type Written = { readonly ids: readonly string[]; readonly bucket: string; readonly lsn: bigint };

/** The watchdog's word on one bucket of clicks. */
type Claim = { readonly bucket: string; readonly lsn: bigint; readonly atMs: number };

/**
 * Writes new clicks into a few old buckets and the newest, and holds the watchdog to its word: whenever it calls a
 * bucket verified at a fence, every row written there up to that fence must be in the index. Nothing of the watchdog's
 * own code is used.
 */
export class ClaimsCheck {
  private readonly written: Written[] = [];
  /** Documents that were taken away by hand: from this time of PostgreSQL's clock on they must not be claimed. */
  private readonly takenAway = new Map<string, number>();
  private readonly seen = new Map<string, string>();
  private stopping = false;
  private running: Promise<unknown> = Promise.resolve();
  readonly refuted: string[] = [];
  checked = 0;

  constructor(private readonly pipeline: Pipeline) {}

  get rows(): number {
    return this.written.reduce((sum, { ids }) => sum + ids.length, 0);
  }

  /** @param rate rows a second */
  start(rate: number): void {
    this.running = Promise.all([this.write(rate), this.watch()]);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.running;
  }

  /** To be called after the documents are gone. */
  async tookAway(ids: readonly string[]): Promise<void> {
    const [now] = await this.pipeline.sql`SELECT extract(epoch FROM clock_timestamp()) * 1000 AS at`;
    for (const id of ids) this.takenAway.set(id, Number(now?.at));
  }

  private async write(rate: number): Promise<void> {
    const { sql } = this.pipeline;
    for (let round = 0; !this.stopping; round++) {
      const begun = performance.now();
      const hoursAgo = round % 4;
      const inserted = await sql<{ id: string; bucket: string }[]>`
        INSERT INTO clicks (session_id, event_name, created_at)
        SELECT 'claims', 'CLICK', now() - ${hoursAgo} * interval '1 hour' FROM generate_series(1, ${rate / 10}::int)
        RETURNING id, date_trunc('minute', created_at)::text AS bucket`;
      const [end] = await sql<{ lsn: string }[]>`SELECT (pg_current_wal_lsn() - '0/0')::text AS lsn`;
      const bucket = inserted[0]?.bucket ?? "";
      this.written.push({ ids: inserted.map((row) => row.id), bucket, lsn: BigInt(end?.lsn ?? 0) });
      await Bun.sleep(Math.max(0, 100 - (performance.now() - begun)));
    }
  }

  private async watch(): Promise<void> {
    while (!this.stopping) {
      await this.look();
      await Bun.sleep(200);
    }
  }

  private async look(): Promise<void> {
    const rows = await this.pipeline.sql<{ bucket: string; lsn: string; at: string }[]>`
      SELECT bucket_start::text AS bucket, (verified_lsn - '0/0')::text AS lsn, extract(epoch FROM verified_at) * 1000 AS at
      FROM watchdog.buckets WHERE table_name = 'clicks'`;
    for (const { bucket, lsn, at } of rows) {
      if (this.seen.get(bucket) === lsn) continue;
      this.seen.set(bucket, lsn);
      await this.hold({ bucket, lsn: BigInt(lsn), atMs: Number(at) });
    }
  }

  private async hold({ bucket, lsn, atMs }: Claim): Promise<void> {
    const due = this.written.filter((one) => one.bucket === bucket && one.lsn <= lsn).flatMap(({ ids }) => ids);
    const claimed = due.filter((id) => (this.takenAway.get(id) ?? 0) < atMs);
    if (claimed.length === 0) return;
    this.checked += claimed.length;
    const missing = await this.missing(claimed);
    if (missing.length > 0) {
      this.refuted.push(`${bucket} at ${lsn}: ${missing.length} of ${claimed.length} rows are missing (${missing[0]})`);
    }
  }

  private async missing(ids: readonly string[]): Promise<string[]> {
    const { elasticsearchUrl, indexPrefix } = this.pipeline.config;
    const response = await fetch(`${elasticsearchUrl}/${indexPrefix}clicks_index/_mget?_source=false`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ids }),
    });
    const { docs } = (await response.json()) as { docs: { _id: string; found: boolean }[] };
    return docs.filter((one) => !one.found).map((one) => one._id);
  }
}

/** Waits until the watchdog has found every table clean after this moment. */
export async function waitUntilVerified(pipeline: Pipeline, timeoutMs: number): Promise<void> {
  const { sql } = pipeline;
  const [now] = await sql<{ lsn: string }[]>`SELECT pg_current_wal_lsn()::text AS lsn`;
  const lsn = now?.lsn ?? "";
  let seen = "";
  await poll(
    "the watchdog to have verified every table",
    timeoutMs,
    async () => {
      const tables = await sql`
        SELECT table_name, recent_verified_lsn::text AS lsn, recent_verified_lsn >= ${lsn}::text::pg_lsn AS done
        FROM watchdog.tables`;
      const standing = await sql`
        SELECT table_name, verdict, cause, state, count(*)::int FROM watchdog.divergences
        WHERE state IN ('open', 'emitted', 'quarantined') GROUP BY 1, 2, 3, 4`;
      seen = JSON.stringify({ tables, standing });
      return tables.filter((one) => one.done).length === pipeline.tables.length && standing.length === 0;
    },
    () => seen,
  );
}
