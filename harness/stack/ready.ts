import { messageOf, OperationError } from "../../src/errors.ts";
import { retryUntil } from "./deadline.ts";
import type { ServerName } from "./stack.ts";

/** What waiting will not mend. */
export class FatalError extends OperationError {}

/** Waiting ended because another server of the same start failed: Connect would wait a minute for Kafka. */
export class CancelledError extends FatalError {}

/** Whether a server answers its probe, and if not why. */
export async function readiness(
  probe: () => Promise<void>,
): Promise<{ state: "ready" } | { state: "unready"; reason: string }> {
  try {
    await probe();
    return { state: "ready" };
  } catch (error) {
    return { state: "unready", reason: messageOf(error) };
  }
}

export interface Starting<Name extends string = ServerName> {
  readonly name: Name;
  readonly address: string;
  readonly timeoutMs: number;
  /** Returns once the server answers as it should; throws why it does not, a FatalError when waiting will not help. */
  readonly probe: () => Promise<void>;
  readonly isCancelled: () => boolean;
  /** The end of the server's log, and where the rest is. */
  readonly log: () => Promise<{ place: string; tail: string }>;
}

/**
 * Waits until a server that starts is ready.
 * @throws CancelledError once cancelled
 * @throws OperationError with the end of the server's log when it is not ready in time, or never will be
 */
export async function waitUntilReady<Name extends string>(server: Starting<Name>): Promise<void> {
  const { name, address, timeoutMs, probe, isCancelled } = server;
  const attempt = async () => {
    if (isCancelled()) throw new CancelledError(`${name} was still starting`);
    await probe();
  };
  try {
    await retryUntil(attempt, { timeoutMs, giveUp: (error) => error instanceof FatalError });
  } catch (error) {
    if (error instanceof CancelledError) throw error;
    const wait = error instanceof FatalError ? "" : ` within ${timeoutMs / 1000} s`;
    const { place, tail } = await server.log();
    throw new OperationError(
      `${name} did not become ready at ${address}${wait}: ${messageOf(error)}\nThe end of its log, ${place}:\n${tail}`,
    );
  }
}
