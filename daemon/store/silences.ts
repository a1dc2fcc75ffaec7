import type { Postgres } from "../../src/postgres.ts";
import { type Matcher, matcherText, parseMatcher } from "../alerts/incidents/matcher.ts";
import type { Silence } from "../alerts/incidents/silence.ts";
import { msOfTimestamp, timestampOf } from "./time.ts";

type Row = { id: string; matchers: string[]; author: string; reason: string; starts_at: string; ends_at: string };

/** Silences that have not ended, or, when told so, those of the last days as well; the one that ends first, first. */
export async function readSilences(sql: Postgres, options: { ended?: boolean } = {}): Promise<readonly Silence[]> {
  const rows = await sql<Row[]>`
    SELECT id, matchers, author, reason, starts_at, ends_at FROM watchdog.silences
    WHERE ${options.ended ?? false} OR ends_at > now() ORDER BY ends_at, id`;
  return rows.map(({ id, matchers, author, reason, starts_at, ends_at }) => ({
    id: Number(id),
    matchers: matchers.map(parseMatcher),
    author,
    reason,
    startsAtMs: msOfTimestamp(starts_at) ?? 0,
    endsAtMs: msOfTimestamp(ends_at) ?? 0,
  }));
}

/** @returns the new silence's id */
export async function addSilence(
  sql: Postgres,
  silence: {
    readonly matchers: readonly Matcher[];
    readonly author: string;
    readonly reason: string;
    readonly durationMs: number;
  },
): Promise<number> {
  const { matchers, author, reason, durationMs } = silence;
  const ends = timestampOf(Date.now() + durationMs);
  const [row] = await sql<{ id: string }[]>`
    INSERT INTO watchdog.silences (matchers, author, reason, ends_at)
    VALUES (${matchers.map(matcherText)}, ${author}, ${reason}, ${ends}) RETURNING id`;
  return Number(row?.id);
}

/** One silence, also one that has ended. */
export async function readSilence(sql: Postgres, id: number): Promise<Silence | undefined> {
  return (await readSilences(sql, { ended: true })).find((silence) => silence.id === id);
}

/** Ends a silence now. @returns whether there was one that had not ended */
export async function expireSilence(sql: Postgres, id: number): Promise<boolean> {
  const rows =
    await sql`UPDATE watchdog.silences SET ends_at = now() WHERE id = ${id} AND ends_at > now() RETURNING id`;
  return rows.length > 0;
}
