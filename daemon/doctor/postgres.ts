import type { ColumnRow } from "../../src/catalog.ts";
import { readColumns } from "../../src/catalog.ts";
import type { Config } from "../../src/config.ts";
import { messageOf, UnreachableError } from "../../src/errors.ts";
import { connectPostgres, type Postgres } from "../../src/postgres.ts";
import type { Table } from "../../src/tables.ts";
import { RefusedError } from "./answer.ts";
import { about, type Check } from "./check.ts";
import { measureSkew, type Skew } from "./clock.ts";
import { askMigrations, type Migrations } from "./migrations.ts";
import { askPublication, type Publication } from "./publication.ts";
import { askRoles, type Roles } from "./roles.ts";
import { askSlot, type Slot } from "./slot.ts";
import { askTables, type TableFacts } from "./tables.ts";
import { askTransactions, type Transaction } from "./transactions.ts";

/** The oldest with logical messages in pgoutput, which Debezium reads the stream by. */
export const OLDEST_MAJOR = 14;

export type PostgresServer = {
  readonly version: number;
  readonly versionText: string;
  readonly encoding: string;
  readonly standby: boolean;
  readonly walLevel: string;
  readonly slotLimit: number;
  readonly slotsUsed: number;
  readonly senderLimit: number;
  readonly sendersUsed: number;
  /** The connector's slot is there, and is read: it needs no further one. */
  readonly ownSlot: boolean;
  readonly ownSender: boolean;
  readonly walKeep: string;
};

export type PostgresAnswers = {
  readonly server: PostgresServer;
  /** Why the role of the migrations may not log in, so that another was asked; undefined where it may. */
  readonly adminRefusal: string | undefined;
  /** Undefined where the server is too old for the questions. */
  readonly details: PostgresDetails | undefined;
};

export type PostgresDetails = {
  readonly migrations: Migrations | null;
  readonly roles: Roles;
  readonly tables: readonly TableFacts[];
  readonly columns: readonly ColumnRow[];
  readonly publication: Publication;
  readonly slot: Slot | null;
  readonly transactions: readonly Transaction[];
  readonly skew: Skew;
};

/** Checks on the server itself; the others need it to be new enough. */
export const serverChecks = [
  "postgres-admin",
  "postgres-version",
  "postgres-encoding",
  "postgres-primary",
  "postgres-wal-level",
  "postgres-slots",
  "postgres-senders",
  "postgres-wal-keep",
] as const;

/** Asks PostgreSQL everything, in one connection. @throws UnreachableError, RefusedError */
export async function askPostgres(config: Config, tables: readonly Table[]): Promise<PostgresAnswers> {
  const { sql, adminRefusal } = await open(config);
  try {
    const server = await askServer(sql, config);
    if (majorOf(server.version) < OLDEST_MAJOR) return { server, adminRefusal, details: undefined };
    return { server, adminRefusal, details: await askDetails(sql, config, tables) };
  } finally {
    await sql.end({ timeout: 2 });
  }
}

/** As the role of the migrations, or as the watchdog's: most is for everyone to see. */
async function open(config: Config): Promise<{ sql: Postgres; adminRefusal: string | undefined }> {
  let refusal: Error | undefined;
  for (const role of ["admin", "watchdog"] as const) {
    const sql = connectPostgres(config, role, {
      connections: 1,
      program: "tidemark-doctor",
      statementTimeoutMs: 30_000,
    });
    try {
      await sql`SELECT 1`;
      return { sql, adminRefusal: refusal && messageOf(refusal) };
    } catch (error) {
      await sql.end({ timeout: 2 });
      // What PostgreSQL itself says has a five-character SQLSTATE; whatever else never reached it.
      if (!(error instanceof Error) || error.name !== "PostgresError") {
        throw new UnreachableError(`PostgreSQL at ${config.postgresHost}:${config.postgresPort} did not answer`, {
          cause: error,
        });
      }
      refusal ??= error;
    }
  }
  throw new RefusedError(messageOf(refusal), refusalRemedy(refusal));
}

function refusalRemedy(refusal: (Error & { code?: string }) | undefined): string {
  if (refusal?.code === "3D000") return "bun run setup";
  if (refusal?.code?.startsWith("28")) return "set POSTGRES_ADMIN_USER and POSTGRES_ADMIN_PASSWORD";
  return "bun run stack logs postgres";
}

async function askServer(sql: Postgres, config: Config): Promise<PostgresServer> {
  const [server] = await sql<PostgresServer[]>`
    SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS "versionText",
           current_setting('server_encoding') AS encoding, pg_is_in_recovery() AS standby,
           current_setting('wal_level') AS "walLevel",
           current_setting('max_replication_slots')::int AS "slotLimit",
           (SELECT count(*)::int FROM pg_replication_slots) AS "slotsUsed",
           current_setting('max_wal_senders')::int AS "senderLimit",
           (SELECT count(*)::int FROM pg_stat_replication) AS "sendersUsed",
           EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = ${config.slotName}) AS "ownSlot",
           EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = ${config.slotName} AND active) AS "ownSender",
           current_setting('max_slot_wal_keep_size', true) AS "walKeep"`;
  if (server === undefined) throw new Error("PostgreSQL answered a question about itself with no row");
  return server;
}

async function askDetails(sql: Postgres, config: Config, tables: readonly Table[]): Promise<PostgresDetails> {
  return {
    migrations: await askMigrations(sql),
    roles: await askRoles(sql, config, tables),
    tables: await askTables(sql, tables),
    columns: await readColumns(sql, tables),
    publication: await askPublication(sql),
    slot: await askSlot(sql, config.slotName),
    transactions: await askTransactions(sql),
    skew: await measureSkew(async () => {
      const [clock] = await sql<{ ms: string }[]>`SELECT extract(epoch FROM clock_timestamp()) * 1000 AS ms`;
      return Number(clock?.ms);
    }),
  };
}

function majorOf(version: number): number {
  return Math.floor(version / 10_000);
}

/** The verdict on the server itself; pure. */
export function judgeServerSettings(server: PostgresServer, adminRefusal: string | undefined): readonly Check[] {
  return [judgeAdmin(adminRefusal), judgeVersion(server), judgeEncoding(server), ...judgeReplication(server)];
}

function judgeAdmin(refusal: string | undefined): Check {
  const admin = about("postgres-admin", "the role of POSTGRES_ADMIN_USER logs in, as bun run setup needs");
  if (refusal === undefined) return admin.ok("logs in");
  return admin.warn(
    `${refusal}; tidemark_watchdog was asked instead`,
    "set POSTGRES_ADMIN_USER and POSTGRES_ADMIN_PASSWORD",
  );
}

function judgeVersion({ version, versionText }: PostgresServer): Check {
  const check = about("postgres-version", `PostgreSQL ${OLDEST_MAJOR} or later`);
  if (majorOf(version) >= OLDEST_MAJOR) return check.ok(versionText);
  return check.fail(versionText, `move to PostgreSQL ${OLDEST_MAJOR} or later (pg_upgrade)`);
}

function judgeEncoding({ encoding }: PostgresServer): Check {
  const check = about("postgres-encoding", "UTF8: digests are of the text's bytes");
  if (encoding === "UTF8") return check.ok(encoding);
  return check.fail(encoding, "set POSTGRES_DATABASE to another name; bun run setup makes it with UTF8");
}

function judgeReplication(server: PostgresServer): readonly Check[] {
  const primary = about("postgres-primary", "the primary: on a standby rows become visible in another order");
  const wal = about("postgres-wal-level", "wal_level = logical");
  const keep = about("postgres-wal-keep", "max_slot_wal_keep_size has a limit");
  return [
    server.standby ? primary.fail("a standby", "set POSTGRES_HOST to the primary") : primary.ok("the primary"),
    server.walLevel === "logical"
      ? wal.ok("logical")
      : wal.fail(server.walLevel, "ALTER SYSTEM SET wal_level = 'logical'; -- then restart PostgreSQL"),
    judgeRoom("postgres-slots", "max_replication_slots", server.slotLimit, server.slotsUsed, server.ownSlot),
    judgeRoom("postgres-senders", "max_wal_senders", server.senderLimit, server.sendersUsed, server.ownSender),
    server.walKeep === "-1"
      ? keep.warn(
          "unlimited: a slot that nobody reads keeps WAL until the disk is full",
          "ALTER SYSTEM SET max_slot_wal_keep_size = '10GB'; SELECT pg_reload_conf();",
        )
      : keep.ok(server.walKeep),
  ];
}

function judgeRoom(check: string, setting: string, limit: number, used: number, own: boolean): Check {
  const room = about(check, `${setting} has room for the connector`);
  const found = `${used} of ${limit} used${own ? ", one by the connector" : ""}`;
  if (own || used < limit) return room.ok(found);
  return room.fail(found, `ALTER SYSTEM SET ${setting} = ${limit + 10}; -- then restart PostgreSQL`);
}
