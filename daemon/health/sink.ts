import type { Config } from "../../src/config.ts";
import { messagesBehind, readCommitted, readEnds } from "../compare/fence.ts";
import type { Context } from "../context.ts";
import type { Finding } from "../finding.ts";
import { withAdmin } from "./kafka.ts";
import type { Probe } from "./probe.ts";

/** How far the sink was behind at a moment. */
export type LagSample = { readonly atMs: number; readonly messages: number };

/** Lag that does not shrink is judged over this long. */
const WINDOW_MS = 45_000;

/** The sink's consumer group, and how far it is behind. */
export function sinkProbe(context: Context): Probe {
  let samples: readonly LagSample[] = [];
  return {
    name: "sink",
    kinds: ["sink-absent", "sink-lag"],
    look: async () => {
      const { members, messages } = await withAdmin(context, async (admin) => {
        const { groups } = await admin.describeGroups([context.config.consumerGroup]);
        const reader = { ...context, admin };
        const ends = await readEnds(reader);
        return {
          members: groups[0]?.members.length ?? 0,
          messages: Number(messagesBehind(ends, await readCommitted(reader))),
        };
      });
      const now = Date.now();
      samples = [...samples, { atMs: now, messages }].filter(({ atMs }) => atMs > now - 2 * WINDOW_MS);
      return sinkFindings(members, samples, context.config);
    },
  };
}

/** What is wrong with the sink; pure. @param samples oldest first, the last one now */
export function sinkFindings(
  members: number,
  samples: readonly LagSample[],
  { consumerGroup, watchdogLagMessages }: Pick<Config, "consumerGroup" | "watchdogLagMessages">,
): readonly Finding[] {
  const now = samples.at(-1);
  const base = { severity: "critical", labels: { group: consumerGroup } } as const;
  const facts = { messages_behind: now?.messages ?? 0 };
  if (members === 0) {
    const summary = `no sink runs: nobody reads for the consumer group ${consumerGroup}`;
    return [{ ...base, kind: "sink-absent", summary, facts, remedy: "bun run sink" }];
  }
  const before = samples.findLast(({ atMs }) => atMs <= (now?.atMs ?? 0) - WINDOW_MS);
  if (now === undefined || before === undefined || now.messages <= watchdogLagMessages) return [];
  if (now.messages < before.messages) return [];
  const summary = `the sink is ${now.messages} messages behind, and does not catch up`;
  return [
    {
      ...base,
      kind: "sink-lag",
      summary,
      facts: { ...facts, behind_before: before.messages, seconds_between: Math.round((now.atMs - before.atMs) / 1000) },
      remedy: "bun run watchdog status; another bun run sink shares the partitions",
    },
  ];
}
