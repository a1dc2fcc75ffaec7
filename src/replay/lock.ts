import type { Config } from "../config.ts";
import { OperationError } from "../errors.ts";
import { connectPostgres, type Postgres } from "../postgres.ts";

/** Any constant of our own: one replay at a time in a database. */
const replayLock = 0x72657079;

/** Keeps a second replay out of a database, for as long as a connection of its own lives. */
export class ReplayLock {
  private constructor(
    private readonly config: Config,
    private connection: Postgres,
    private pid: number,
  ) {}

  /** @throws OperationError where another replay holds it */
  static async take(config: Config): Promise<ReplayLock> {
    return new ReplayLock(config, ...(await lockOnce(config)));
  }

  /**
   * Takes the lock again where its connection was lost.
   * @throws OperationError where another replay came first
   */
  async renew(sql: Postgres): Promise<void> {
    const held = await sql`
      SELECT FROM pg_locks
      WHERE locktype = 'advisory' AND classid = 0 AND objid = ${replayLock} AND pid = ${this.pid} AND granted`;
    if (held.length > 0) return;
    await this.release();
    [this.connection, this.pid] = await lockOnce(this.config);
  }

  async release(): Promise<void> {
    await this.connection.end({ timeout: 1 });
  }
}

/** The connection is reserved, for the pool closes one that idles for a minute. */
async function lockOnce(config: Config): Promise<[Postgres, number]> {
  const sql = connectPostgres(config, "writer", { connections: 1, program: "tidemark-replay-lock" });
  try {
    const connection = await sql.reserve();
    const [row] = await connection<{ got: boolean; pid: number }[]>`
      SELECT pg_try_advisory_lock(${replayLock}) AS got, pg_backend_pid() AS pid`;
    if (row?.got) return [sql, row.pid];
  } catch (error) {
    await sql.end({ timeout: 1 });
    throw error;
  }
  await sql.end({ timeout: 1 });
  throw new OperationError("another replay is writing to this database: wait for it, or stop it");
}
