import type { Config } from "../../src/config.ts";
import type { Context } from "../context.ts";
import type { Finding } from "../finding.ts";
import type { Probe } from "./probe.ts";

/** Divergences of a table that stand, and those that were found since its incident began. */
export type Differing = {
  readonly table: string;
  readonly rows: number;
  /** Waiting for a heal, or for its confirmation. */
  readonly standing: number;
  readonly healed: number;
  readonly quarantined: number;
  /** Found within the last 30 s. */
  readonly fresh: number;
  readonly verdicts: string;
  readonly causes: string;
  readonly from: string | null;
  readonly to: string | null;
  /** Keys, never values. */
  readonly sample: string;
  readonly hold: string | null;
};

/** Rows that differ, heals that wait for a person, and heals that do not hold. */
export function rowsProbe(context: Context): Probe {
  return {
    name: "rows",
    kinds: ["divergence", "heal-held", "heal-fails"],
    look: async () => {
      const differing = await readDiffering(context);
      return differing.flatMap((one) => rowFindings(one, context.config));
    },
  };
}

async function readDiffering({ sql, tables }: Context): Promise<readonly Differing[]> {
  const names = tables.map((table) => table.name);
  const time = sql`'YYYY-MM-DD"T"HH24:MI:SS"Z"'`;
  return sql<Differing[]>`
    WITH since AS (
      SELECT labels ->> 'table' AS table_name, first_seen_at - interval '30 seconds' AS at
      FROM watchdog.incidents WHERE kind = 'divergence' AND state <> 'resolved'
    ), found AS (
      SELECT d.* FROM watchdog.divergences d LEFT JOIN since USING (table_name)
      WHERE d.state IN ('open', 'emitted', 'quarantined')
        OR d.found_at > coalesce(since.at, now() - interval '30 seconds')
    )
    SELECT name AS table, count(f.id)::int AS rows,
      count(*) FILTER (WHERE state IN ('open', 'emitted'))::int AS standing,
      count(*) FILTER (WHERE state IN ('healed', 'gone'))::int AS healed,
      count(*) FILTER (WHERE state = 'quarantined')::int AS quarantined,
      count(*) FILTER (WHERE found_at > now() - interval '30 seconds')::int AS fresh,
      coalesce(string_agg(DISTINCT verdict, ', '), '') AS verdicts,
      coalesce(string_agg(DISTINCT cause, ', '), '') AS causes,
      to_char(min(bucket_start) FILTER (WHERE isfinite(bucket_start)), ${time}) AS from,
      to_char(max(bucket_start) FILTER (WHERE isfinite(bucket_start)), ${time}) AS to,
      coalesce(array_to_string((array_agg(document_id ORDER BY f.id))[1:5], ', '), '') AS sample,
      t.hold_reason AS hold
    FROM unnest(${names}::text[]) AS name
    LEFT JOIN found f ON f.table_name = name LEFT JOIN watchdog.tables t ON t.table_name = name
    GROUP BY name, t.hold_reason`;
}

/** Pure. */
export function rowFindings(differing: Differing, { healMode }: Pick<Config, "healMode">): readonly Finding[] {
  const { table, rows, standing, healed, quarantined, fresh, hold } = differing;
  const labels = { table };
  const between = differing.from === null ? "" : `, in buckets from ${differing.from} to ${differing.to}`;
  const facts = {
    rows,
    standing,
    healed,
    quarantined,
    verdicts: differing.verdicts,
    causes: differing.causes,
    ...(differing.from === null ? {} : { from: differing.from, to: differing.to ?? "" }),
    sample_keys: differing.sample,
  };
  const found: Finding[] = [];
  if (standing + fresh > 0) {
    const summary = `${rows} rows of ${table} differ between PostgreSQL and Elasticsearch (${differing.verdicts})${between}`;
    const base = { kind: "divergence", labels, summary, facts };
    found.push(
      healMode === "heal"
        ? {
            ...base,
            severity: "warning",
            remedy: `bun run watchdog check --table ${table}`,
            action: "reads the rows from PostgreSQL and re-emits them; then compares again",
          }
        : { ...base, severity: "critical", remedy: `bun run watchdog heal --table ${table}` },
    );
  }
  if (hold !== null) {
    found.push({
      kind: "heal-held",
      severity: "critical",
      labels,
      summary: `healing of ${table} waits for a person: ${hold}`,
      facts,
      remedy: `bun run watchdog heal --table ${table} --plan; bun run watchdog heal --table ${table} --confirm`,
    });
  }
  if (quarantined > 0) {
    found.push({
      kind: "heal-fails",
      severity: "critical",
      labels,
      summary: `${quarantined} rows of ${table} still differ after every heal, and were put in quarantine`,
      facts,
      remedy: `bun run watchdog check --table ${table}; bun run dead-letters list`,
      action: "tries again when the row changes",
    });
  }
  return found;
}
