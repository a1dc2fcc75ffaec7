import type { Postgres } from "../../src/postgres.ts";
import type { BlockedFence, Fence } from "../compare/fence.ts";
import { msOfTimestamp, timestampOf } from "./time.ts";

/** How a fence of the recent runs fared; times in milliseconds. */
export type FenceRecord = {
  readonly atMs: number;
  readonly passed: boolean;
  readonly waits: Readonly<Record<string, number>>;
  readonly stage: string | null;
  readonly cause: string | null;
  readonly distance: string | null;
};

/** Keeps how long each stage took, or which one held the fence up. */
export async function recordFence(sql: Postgres, fence: Fence | BlockedFence): Promise<void> {
  if (fence.passed) {
    await sql`
      INSERT INTO watchdog.fences (at, passed, waits)
      VALUES (${timestampOf(fence.atMs)}, true, ${JSON.stringify(fence.waits)}::text::jsonb)`;
    return;
  }
  const { stage, waitedMs, cause, distance } = fence;
  await sql`
    INSERT INTO watchdog.fences (at, passed, waits, stage, cause, distance, unit)
    VALUES (now(), false, ${JSON.stringify({ [stage]: waitedMs })}::text::jsonb, ${stage}, ${cause},
      ${distance?.count ?? null}, ${distance?.unit ?? null})`;
}

/** The last fences, latest first. */
export async function readFences(sql: Postgres, limit: number): Promise<readonly FenceRecord[]> {
  const rows = await sql<
    {
      at: string;
      passed: boolean;
      waits: string;
      stage: string | null;
      cause: string | null;
      distance: string | null;
      unit: string | null;
    }[]
  >`SELECT at, passed, waits, stage, cause, distance, unit FROM watchdog.fences ORDER BY id DESC LIMIT ${limit}`;
  return rows.map(({ at, passed, waits, stage, cause, distance, unit }) => ({
    atMs: msOfTimestamp(at) ?? 0,
    passed,
    waits: JSON.parse(waits) as FenceRecord["waits"],
    stage,
    cause,
    distance: distance === null ? null : `${distance} ${unit}`,
  }));
}
