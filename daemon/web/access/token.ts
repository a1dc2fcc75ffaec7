import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { Config } from "../../../src/config.ts";
import { messageOf, UsageError } from "../../../src/errors.ts";
import type { Log } from "../../../src/log.ts";
import { isLoopback } from "./hosts.ts";

/** What signs in to the page. */
export type Token = {
  readonly value: string;
  /** The file that holds it; null where it was set, or could not be kept. */
  readonly file: string | null;
};

const MIN_CHARACTERS = 16;

/** @throws UsageError where the server would be reached from other machines without a token that is hard to guess */
export function checkToken({ watchdogHost, watchdogToken }: Pick<Config, "watchdogHost" | "watchdogToken">): void {
  if (isLoopback(watchdogHost)) return;
  if (watchdogToken === "") {
    throw new UsageError([
      `WATCHDOG_HOST: ${watchdogHost} is reached from other machines, so WATCHDOG_TOKEN must be set (openssl rand -base64 24)`,
    ]);
  }
  if (watchdogToken.length < MIN_CHARACTERS) {
    throw new UsageError([`WATCHDOG_TOKEN: expected at least ${MIN_CHARACTERS} characters (openssl rand -base64 24)`]);
  }
}

/**
 * The token that is set, or the one of this user's own file, which is made at the first start: so a page that is signed in
 * stays so when the watchdog restarts. Nobody else can read the file.
 */
export function readToken(config: Pick<Config, "watchdogToken">, log: Log, file = tokenFile()): Token {
  if (config.watchdogToken !== "") return { value: config.watchdogToken, file: null };
  try {
    return { value: kept(file) ?? make(file), file };
  } catch (error) {
    log.warn("the page's token cannot be kept, so nobody can sign in; set WATCHDOG_TOKEN", { error: messageOf(error) });
    return { value: randomBytes(24).toString("base64url"), file: null };
  }
}

/** Where this user's token is (XDG Base Directory Specification). */
function tokenFile(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  return join(environment.XDG_STATE_HOME || join(homedir(), ".local/state"), "tidemark", "watchdog-token");
}

/** One that others could have read is not taken. */
function kept(file: string): string | undefined {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode;
  if (mode === undefined || (mode & 0o077) !== 0) return undefined;
  const value = readFileSync(file, "utf8").trim();
  return value.length < MIN_CHARACTERS ? undefined : value;
}

function make(file: string): string {
  const value = randomBytes(24).toString("base64url");
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const partial = `${file}.${process.pid}`;
  writeFileSync(partial, `${value}\n`, { mode: 0o600 });
  renameSync(partial, file);
  return value;
}
