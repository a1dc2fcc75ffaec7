import type { CatalogTable } from "../../src/catalog.ts";
import { sleep } from "../../src/sleep.ts";
import { topicOf } from "../../src/tables.ts";
import { findCauses } from "../compare/cause.ts";
import type { BlockedFence } from "../compare/fence.ts";
import { keyOfDocument } from "../compare/keys.ts";
import { recheck } from "../compare/recheck.ts";
import { type Context, connectKafka } from "../context.ts";
import { closeEqual, markEmitted, quarantine, recordDivergences, type Standing } from "../store/divergences.ts";
import { beginHeal, finishHeal, type RequestedBy, type Via } from "../store/heals.ts";
import { type Blocker, healVersion, takeBarrier, waitForBarrier } from "./barrier.ts";
import { deleteDirectly, writeDirectly } from "./direct.ts";
import { healEvents } from "./event.ts";
import { readRows } from "./rows.ts";

/** Rows read behind one barrier, and sent in one go. */
const BATCH = 500;

export type HealResult = {
  readonly table: string;
  /** Rows re-emitted, and ghosts deleted, in all attempts. */
  readonly written: number;
  readonly deleted: number;
  readonly healed: number;
  readonly quarantined: number;
  /** Still to be healed or confirmed. */
  readonly left: number;
  /** Transactions that held the barrier back: the heal was put off. */
  readonly blockers: readonly Blocker[];
  /** The fence that would have confirmed the heal did not pass: the next run confirms it. */
  readonly blocked?: BlockedFence;
};

export type HealOptions = { readonly via: Via; readonly by: RequestedBy };

/**
 * Re-emits the current state of diverged rows behind a barrier, confirms them behind a new fence, and repeats what
 * still differs; what will not heal is quarantined. Newer states always win, so it may be killed and repeated at will.
 */
export async function healRows(
  context: Context,
  table: CatalogTable,
  standing: readonly Standing[],
  options: HealOptions,
): Promise<HealResult> {
  const { config, sql, log } = context;
  let pending = standing;
  const sums = { written: 0, deleted: 0, healed: 0, quarantined: 0 };
  const finish = (rest: Partial<HealResult>): HealResult => ({
    ...{ table: table.name, ...sums, left: pending.length, blockers: [] },
    ...rest,
  });
  for (let attempt = 1; attempt <= config.healAttempts && pending.length > 0; attempt++) {
    const emitted = await emit(context, table, pending, options);
    sums.written += emitted.written;
    sums.deleted += emitted.deleted;
    if (emitted.blockers.length > 0) return finish({ blockers: emitted.blockers });
    if (context.signal.aborted) return finish({});
    const confirmed = await confirm(context, table, pending);
    if ("passed" in confirmed) return finish({ blocked: confirmed });
    sums.healed += confirmed.healed;
    sums.quarantined += await quarantine(sql, table.name, config.healAttempts);
    pending = confirmed.left;
  }
  log.info("healed", { table: table.name, ...sums });
  return finish({ left: pending.length - sums.quarantined });
}

/** Reads rows behind barriers and sends them, no faster than allowed. */
async function emit(context: Context, table: CatalogTable, standing: readonly Standing[], options: HealOptions) {
  const { config, sql } = context;
  let [written, deleted] = [0, 0];
  for (let start = 0; start < standing.length && !context.signal.aborted; start += BATCH) {
    const begun = performance.now();
    const barrier = await takeBarrier(sql);
    const passed = await waitForBarrier(sql, barrier, {
      timeoutMs: config.healBarrierSeconds * 1000,
      signal: context.signal,
    });
    if (passed.kind === "held") return { written, deleted, blockers: passed.blockers };
    const ids = standing.slice(start, start + BATCH).map((one) => one.documentId);
    const keys = new Map(ids.flatMap((id) => asEntry(id, keyOfDocument(table, id))));
    const rows = await readRows(sql, table, [...keys.values()]);
    const healId = await beginHeal(sql, table.name, options.via, options.by, barrier.lsn);
    const version = healVersion(barrier);
    const event = {
      topicPrefix: config.topicPrefix,
      database: config.postgresDatabase,
      version,
      healId,
      nowMs: Date.now(),
    };
    const events = [...keys].flatMap(([id, key]) => healEvents(table, rows.get(id) ?? { deletedKey: key }, event));
    // Noted before it is sent: after a crash the row is rechecked rather than forgotten.
    await markEmitted(sql, table.name, ids);
    if (options.via === "elasticsearch") await writeDirectly(context, table, events);
    else {
      await connectKafka(context);
      await context.producer.send({ topic: topicOf(config.topicPrefix, table), acks: -1, messages: events });
    }
    await deleteDirectly(
      context,
      table,
      ids.filter((id) => !keys.has(id)),
      version,
    );
    const gone = ids.filter((id) => !rows.has(id)).length;
    written += ids.length - gone;
    deleted += gone;
    await finishHeal(sql, healId, { written: ids.length - gone, deleted: gone, outcome: "emitted" });
    const paceMs = (ids.length / config.healRowsPerSecond) * 1000 - (performance.now() - begun);
    if (start + BATCH < standing.length) await sleep(Math.max(0, paceMs), context.signal);
  }
  return { written, deleted, blockers: [] };
}

/** Looks at healed rows again behind a new fence. */
async function confirm(context: Context, table: CatalogTable, standing: readonly Standing[]) {
  const suspects = standing.map((one) => ({
    id: one.documentId,
    bucketMs: one.bucketMs,
    sightedVersion: one.documentVersion,
  }));
  const result = await recheck(context, table, suspects, context.config.watchdogFenceSeconds * 1000);
  if ("passed" in result) return result;
  const healed = await closeEqual(context.sql, table.name, result.same);
  if (result.divergences.length > 0) {
    const causes = await findCauses(context, table, result.divergences);
    await recordDivergences(context.sql, table.name, result.divergences, causes);
  }
  const same = new Set(result.same);
  return { healed, left: standing.filter((one) => !same.has(one.documentId)) };
}

function asEntry<T>(id: string, value: T | undefined): [string, T][] {
  return value === undefined ? [] : [[id, value]];
}
