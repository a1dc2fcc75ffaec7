import type { BlockedFence, Fence } from "../compare/fence.ts";
import { passFence } from "../compare/fence.ts";
import { ALL_TIME, type Interval } from "../compare/region.ts";
import { type Context, readTables } from "../context.ts";
import { type Examination, examine } from "./examine.ts";
import { pieces } from "./pieces.ts";

export type CheckOptions = {
  readonly table?: string;
  /** Event times in milliseconds; all of them, and the rows outside of all buckets too, where neither is given. */
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly deep: boolean;
};

export type TableCheck = {
  readonly rows: number;
  readonly documents: number;
  readonly divergences: Examination["divergences"];
  readonly unsettled: number;
};

export type CheckResult = {
  readonly identical: boolean;
  readonly fence?: Fence;
  readonly blocked?: BlockedFence;
  readonly tables: Readonly<Record<string, TableCheck>>;
};

/** Compares tables or one of them, all of their time or an interval, once. */
export async function runCheck(context: Context, options: CheckOptions): Promise<CheckResult> {
  const tables = await readTables(context, options.table);
  const fence = await passFence(context, context.config.watchdogFenceSeconds * 1000);
  if (!fence.passed) return { identical: false, blocked: fence, tables: {} };
  const interval: Interval = { fromMs: options.fromMs ?? ALL_TIME.fromMs, toMs: options.toMs ?? ALL_TIME.toMs };
  const everything = options.fromMs === undefined && options.toMs === undefined;
  const results: Record<string, TableCheck> = {};
  for (const table of tables) {
    const examinations: Examination[] = [];
    const examineOptions = { kind: "check", deep: options.deep } as const;
    for await (const piece of pieces(context, table, interval)) {
      examinations.push(await examine(context, table, piece, fence, examineOptions));
    }
    if (everything) {
      examinations.push(await examine(context, table, "outside", fence, { ...examineOptions, standing: true }));
    }
    const blocked = examinations.find((one) => one.blocked)?.blocked;
    if (blocked) return { identical: false, fence, blocked, tables: results };
    results[table.name] = merged(examinations);
  }
  const identical = Object.values(results).every((one) => one.divergences.length === 0 && one.unsettled === 0);
  return { identical: identical && !context.signal.aborted, fence, tables: results };
}

/** A row that stands in two pieces, by its old and its new event time, is told once. */
function merged(examinations: readonly Examination[]): TableCheck {
  const sum = (value: (one: Examination) => number) => examinations.reduce((all, one) => all + value(one), 0);
  const divergences = new Map(
    examinations.flatMap((one) => one.divergences.map((found) => [found.id, found] as const)),
  );
  return {
    rows: sum((one) => one.postgres.count),
    documents: sum((one) => one.elasticsearch.count),
    divergences: [...divergences.values()],
    unsettled: sum((one) => one.unsettled),
  };
}
