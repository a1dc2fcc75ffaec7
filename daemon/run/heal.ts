import { type Context, readTables } from "../context.ts";
import { beyondCaps } from "../heal/caps.ts";
import { type HealResult, healRows } from "../heal/heal.ts";
import { readStanding, reopen, type Standing } from "../store/divergences.ts";
import type { RequestedBy } from "../store/heals.ts";
import { holdTable, readTableState, releaseTable } from "../store/tables.ts";

export type HealRunOptions = {
  readonly by: RequestedBy;
  readonly table?: string;
  /** Only rows whose event time is in this interval, in milliseconds. */
  readonly fromMs?: number;
  readonly toMs?: number;
  /** Say what would be done, and do nothing. */
  readonly plan: boolean;
  /** A person has looked: caps do not hold, and what is in quarantine is tried again. */
  readonly confirm: boolean;
};

export type TableHeal = {
  readonly table: string;
  /** Rows to be healed when the run began. */
  readonly planned: { readonly write: number; readonly delete: number };
  /** Why nothing was done: a cap. */
  readonly held?: string;
  readonly result?: HealResult;
};

/** Heals what stands as diverged, table by table, within the caps. */
export async function runHeal(context: Context, options: HealRunOptions): Promise<readonly TableHeal[]> {
  const { config, sql, log } = context;
  const heals: TableHeal[] = [];
  for (const table of await readTables(context, options.table)) {
    if (context.signal.aborted) break;
    if (options.confirm && !options.plan) await reopen(sql, table.name);
    const standing = (await readStanding(sql, table.name, ["open", "emitted"])).filter((one) => isWithin(one, options));
    if (standing.length === 0) {
      if (!options.plan) await releaseTable(sql, table.name);
      continue;
    }
    const ghosts = standing.filter((one) => one.verdict === "ghost").length;
    const planned = { write: standing.length - ghosts, delete: ghosts };
    const held = options.confirm ? undefined : await holdReason(context, table.name, standing.length);
    if (options.plan) {
      heals.push({ table: table.name, planned, ...(held ? { held } : {}) });
      continue;
    }
    if (held) {
      await holdTable(sql, table.name, held);
      log.error("healing waits for a person: bun run watchdog heal --confirm", { table: table.name, reason: held });
      heals.push({ table: table.name, planned, held });
      continue;
    }
    const result = await healRows(context, table, standing, { via: config.healVia, by: options.by });
    if (result.left === 0) await releaseTable(sql, table.name);
    for (const blocker of result.blockers) log.warn("a transaction holds the heal's barrier back", { ...blocker });
    heals.push({ table: table.name, planned, result });
  }
  return heals;
}

/** Once held, a table stays held until a person confirms, or until nothing is left to heal. */
async function holdReason(context: Context, table: string, rows: number): Promise<string | undefined> {
  const { sql, config } = context;
  // Counted, since statistics lag behind a load. Only where the share matters at all.
  const [size] =
    rows > config.healMaxRows ? [] : await sql<{ rows: string }[]>`SELECT count(*) AS rows FROM public.${sql(table)}`;
  const beyond = beyondCaps(rows, Number(size?.rows ?? 0), {
    maxRows: config.healMaxRows,
    maxPercent: config.healMaxPercent,
  });
  return beyond ?? (await readTableState(sql, table)).hold?.reason;
}

function isWithin(standing: Standing, { fromMs, toMs }: HealRunOptions): boolean {
  if (fromMs === undefined && toMs === undefined) return true;
  const at = standing.bucketMs;
  return at !== null && at >= (fromMs ?? 0) && at < (toMs ?? Number.POSITIVE_INFINITY);
}
