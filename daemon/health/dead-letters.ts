import { type Letter, readLetters } from "../../src/dead-letters/letters.ts";
import { createKafka } from "../../src/kafka.ts";
import { deadLetterTopic } from "../../src/setup/topics.ts";
import { type Table, topicOf } from "../../src/tables.ts";
import type { Context } from "../context.ts";
import type { Finding } from "../finding.ts";
import { readMark, recordMark } from "../store/marks.ts";
import { withAdmin } from "./kafka.ts";
import type { Probe } from "./probe.ts";

const MARK = "dead-letters";
/** Of a flood the end is enough to tell of it; reading all of it would take longer than a look may. */
const LAST = 1_000;
/** Letters that came so long ago, with none after them, are no longer arriving. */
const QUIET_MS = 30_000;

/** Letters that arrive in the dead-letter topic, also while no watchdog ran. */
export function deadLetterProbe(context: Context): Probe {
  const { config, sql, tables } = context;
  let read: { readonly end: string; readonly letters: readonly Letter[]; readonly sinceMs: number } | undefined;
  return {
    name: "dead letters",
    kinds: ["dead-letters"],
    look: async () => {
      const [range] = await withAdmin(context, (admin) => admin.fetchTopicOffsets(deadLetterTopic(config)));
      const end = range?.high ?? "0";
      if (read?.end !== end) {
        const letters =
          end === "0" ? [] : await readLetters(createKafka(config, "tidemark-watchdog"), config, { last: LAST });
        read = { end, letters, sinceMs: Date.now() };
      }
      const toldMs = (await readMark(sql, MARK)) ?? 0;
      const arrived = read.letters.filter(({ refusedAt }) => Date.parse(refusedAt) > toldMs);
      if (arrived.length > 0 && Date.now() - read.sinceMs > QUIET_MS) {
        await recordMark(sql, MARK, Math.max(...arrived.map(({ refusedAt }) => Date.parse(refusedAt))));
      }
      return deadLetterFindings(arrived, read.letters.length, tables, config.topicPrefix);
    },
  };
}

/** One finding for each table that letters arrived from; pure. */
export function deadLetterFindings(
  arrived: readonly Letter[],
  total: number,
  tables: readonly Table[],
  topicPrefix: string,
): readonly Finding[] {
  const tableOf = new Map(tables.map((table) => [topicOf(topicPrefix, table), table.name]));
  const byTable = Map.groupBy(arrived, ({ topic }) => tableOf.get(topic) ?? topic);
  return [...byTable].map(([table, letters]) => ({
    kind: "dead-letters",
    severity: "warning",
    labels: { table },
    summary: `the sink put ${letters.length} messages of ${table} aside as dead letters`,
    facts: {
      arrived: letters.length,
      not_retried: total,
      causes: [...new Set(letters.map(({ cause }) => cause))].join(", "),
      first: letters[0]?.refusedAt ?? "",
      sample: letters
        .slice(0, 5)
        .map(({ id }) => id)
        .join(", "),
    },
    remedy: "bun run dead-letters list; bun run dead-letters retry",
    action: "heals the rows that they were about, where PostgreSQL has them",
  }));
}
