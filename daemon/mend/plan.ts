import { isHeldByPerson, isUnreachable } from "../health/connector.ts";
import type { Observation } from "../health/observe.ts";
import { jumpedTo } from "../health/slot.ts";

/** One thing to mend. `reset-slot` also registers a connector that is missing. */
export type Step =
  | { readonly kind: "publish"; readonly table: string }
  | { readonly kind: "reset-slot" }
  | { readonly kind: "register" }
  | { readonly kind: "restart" };

/**
 * What to mend, in order; pure. What a person paused or stopped is left alone, unless the watchdog itself was stopped
 * in the middle of a reset. Debezium refuses to start before the position of a slot that was made anew by other hands:
 * its task fails, and a restart would not help.
 */
export function planMend(observation: Observation): readonly Step[] {
  const { slot, connector, unpublished, mending } = observation;
  const steps: Step[] = unpublished.filter(({ exists }) => exists).map(({ table }) => ({ kind: "publish", table }));
  if (isUnreachable(connector)) return steps;
  if (mending) return [...steps, { kind: "reset-slot" }];
  if (connector !== null && isHeldByPerson(connector)) return steps;
  const slotGone = slot === null || slot.walStatus === "lost";
  if (slotGone) return [...steps, { kind: "reset-slot" }];
  if (connector === null) return [...steps, { kind: "register" }];
  if (connector.state !== "FAILED" && connector.tasks.every((task) => task.state !== "FAILED")) return steps;
  return [...steps, { kind: jumpedTo(slot, connector) === null ? "restart" : "reset-slot" }];
}

/** Whether changes may have been lost before or while this was mended: comparison must then look at everything. */
export function leavesGap(step: Step): boolean {
  return step.kind === "publish" || step.kind === "reset-slot";
}
