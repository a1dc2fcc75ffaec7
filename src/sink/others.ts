import type { Admin } from "kafkajs";
import { sleep } from "../sleep.ts";

const POLL_MS = 500;
const STALL_MS = 10_000;

type Position = { readonly partition: number; readonly end: bigint; readonly committed: bigint };

/** Partitions that have not yet been consumed up to the ends noted earlier; pure. */
export function behind(positions: readonly Position[]): readonly Position[] {
  return positions.filter((position) => position.committed < position.end);
}

/**
 * Waits until other sinks have consumed their partitions of a topic up to where they end now. Where nothing moves for
 * 10 s it gives up: the other sink waits likewise for us (a TRUNCATE in each partition), or there is none.
 * @returns whether all got there
 */
export async function waitForOthers(
  admin: Admin,
  group: string,
  topic: string,
  own: ReadonlySet<number>,
  heartbeat: () => Promise<void>,
  stop: AbortSignal,
): Promise<boolean> {
  const ends = (await admin.fetchTopicOffsets(topic)).filter((entry) => !own.has(entry.partition));
  if (ends.length === 0) return true;
  let before = -1n;
  let movedAt = Date.now();
  while (!stop.aborted) {
    const [committed] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
    const positions = ends.map((end) => ({
      partition: end.partition,
      end: BigInt(end.high),
      committed: BigInt(committed?.partitions.find((entry) => entry.partition === end.partition)?.offset ?? -1),
    }));
    if (behind(positions.filter((position) => position.end > 0n)).length === 0) return true;
    const total = positions.reduce((sum, position) => sum + position.committed, 0n);
    if (total !== before) movedAt = Date.now();
    else if (Date.now() - movedAt > STALL_MS) return false;
    before = total;
    await heartbeat();
    await sleep(POLL_MS, stop);
  }
  return false;
}
