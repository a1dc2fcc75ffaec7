import type { Postgres } from "../../src/postgres.ts";
import { msOfTimestamp, timestampOf } from "./time.ts";

/** Up to when something that only arrives was told of, in milliseconds since 1970; null: never. */
export async function readMark(sql: Postgres, name: string): Promise<number | null> {
  const [row] = await sql<{ at: string }[]>`SELECT at FROM watchdog.marks WHERE name = ${name}`;
  return row === undefined ? null : msOfTimestamp(row.at);
}

export async function recordMark(sql: Postgres, name: string, ms: number): Promise<void> {
  await sql`
    INSERT INTO watchdog.marks (name, at) VALUES (${name}, ${timestampOf(ms)})
    ON CONFLICT (name) DO UPDATE SET at = excluded.at`;
}
