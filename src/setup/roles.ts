import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import type { Config } from "../config.ts";
import type { Postgres } from "../postgres.ts";

/** Gives Tidemark's roles the passwords of the configuration, as verifiers: PostgreSQL's log never sees a password. */
export async function setRolePasswords(sql: Postgres, config: Config): Promise<void> {
  const passwords: [string, string][] = [
    ["tidemark_replication", config.postgresReplicationPassword],
    ["tidemark_writer", config.postgresWriterPassword],
    ["tidemark_watchdog", config.postgresWatchdogPassword],
  ];
  for (const [role, password] of passwords) {
    const [row] = await sql<{ rolpassword: string | null }[]>`
      SELECT rolpassword FROM pg_authid WHERE rolname = ${role}`;
    if (row?.rolpassword && matchesVerifier(password, row.rolpassword)) continue;
    await sql.unsafe(`ALTER ROLE ${role} PASSWORD '${scramVerifier(password)}'`);
  }
}

/**
 * The text PostgreSQL stores for a password: SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey (RFC 5803; PostgreSQL's
 * manual, pg_authid). ASCII passwords only need no SASLprep.
 */
export function scramVerifier(password: string, salt = randomBytes(16), iterations = 4096): string {
  const salted = pbkdf2Sync(password.normalize("NFKC"), salt, iterations, 32, "sha256");
  const key = (name: string) => createHmac("sha256", salted).update(name).digest();
  const stored = createHash("sha256").update(key("Client Key")).digest("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${stored}:${key("Server Key").toString("base64")}`;
}

/** Whether a stored verifier is this password's, so that a rerun changes nothing. */
export function matchesVerifier(password: string, verifier: string): boolean {
  const [, iterations, salt] = /^SCRAM-SHA-256\$(\d+):([^$]+)\$/.exec(verifier) ?? [];
  if (iterations === undefined || salt === undefined) return false;
  return scramVerifier(password, Buffer.from(salt, "base64"), Number(iterations)) === verifier;
}
