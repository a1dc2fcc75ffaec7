import { messageOf } from "../../src/errors.ts";
import type { Look } from "../alerts/incidents/advance.ts";
import type { Context } from "../context.ts";
import { isUnreachable } from "../health/connector.ts";
import { lookOf, observe } from "../health/observe.ts";
import { jumpedTo } from "../health/slot.ts";
import { mend } from "../mend/mend.ts";
import { leavesGap, planMend, type Step } from "../mend/plan.ts";
import { restartScrub } from "../store/tables.ts";

const BASE_MS = 15_000;
const CAP_MS = 10 * 60_000;

export type HealthResult = Look & {
  /** Steps that were done. */
  readonly mended: readonly Step[];
  /** Changes may have been lost: every bucket is to be compared again. */
  readonly gap: boolean;
};

/** Looks at slot, publication and connector, and mends what it may; a step that fails is tried again ever more rarely. */
export class Health {
  private readonly tries = new Map<string, { count: number; nextAtMs: number }>();

  /** A jump of the slot is a gap once, however long Debezium takes to stream past it. */
  private countedJump: number | null = null;

  async run(context: Context): Promise<HealthResult> {
    const { config } = context;
    const observation = await observe(context);
    const look = lookOf(observation, config);
    const steps = planMend(observation);
    this.forgetAllBut(steps);
    const mended: Step[] = [];
    if (config.healMode === "heal") {
      for (const step of steps) if (await this.attempt(context, step)) mended.push(step);
    }
    const { slot, connector } = observation;
    const jump = isUnreachable(connector) ? null : jumpedTo(slot, connector);
    const gap = mended.some(leavesGap) || (jump !== null && jump !== this.countedJump);
    this.countedJump = jump ?? this.countedJump;
    if (gap) await restartScrub(context.sql);
    return { ...look, mended, gap };
  }

  private async attempt(context: Context, step: Step): Promise<boolean> {
    const name = JSON.stringify(step);
    const { count, nextAtMs } = this.tries.get(name) ?? { count: 0, nextAtMs: 0 };
    if (Date.now() < nextAtMs || context.signal.aborted) return false;
    this.tries.set(name, { count: count + 1, nextAtMs: Date.now() + Math.min(CAP_MS, BASE_MS * 2 ** count) });
    try {
      await mend(context, step);
      return true;
    } catch (error) {
      context.log.error("could not mend", { step: step.kind, error: messageOf(error) });
      return false;
    }
  }

  /** What is well again begins anew when it fails again. */
  private forgetAllBut(steps: readonly Step[]): void {
    const names = new Set(steps.map((step) => JSON.stringify(step)));
    for (const name of this.tries.keys()) if (!names.has(name)) this.tries.delete(name);
  }
}
