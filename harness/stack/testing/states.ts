import type { ServerName, ServerStatus, Stack } from "../stack.ts";

type States = Record<ServerName, ServerStatus["state"]>;

/** What `statesOf` gives when nothing is amiss. */
export const allReady: States = { postgres: "ready", kafka: "ready", connect: "ready", elasticsearch: "ready" };

/** The state of each server, by name. */
export async function statesOf(stack: Stack): Promise<States> {
  return Object.fromEntries((await stack.status()).map(({ name, state }) => [name, state])) as States;
}
