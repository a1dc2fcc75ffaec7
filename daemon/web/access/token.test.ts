import { expect, test } from "bun:test";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../../../src/errors.ts";
import { silentLog } from "../../../src/log.ts";
import { checkToken, readToken } from "./token.ts";

const unset = { watchdogToken: "" };

test("a token that nobody set is made once, in a file that only its owner reads", () => {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-token-"));
  try {
    const file = join(folder, "state/token");
    const made = readToken(unset, silentLog, file);
    expect(made.file).toBe(file);
    expect(made.value).toMatch(/^[\w-]{32}$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readToken(unset, silentLog, file)).toEqual(made);
    chmodSync(file, 0o644);
    const anew = readToken(unset, silentLog, file);
    expect(anew.value).not.toBe(made.value);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, "utf8").trim()).toBe(anew.value);
    expect(readToken({ watchdogToken: "mine" }, silentLog, file)).toEqual({ value: "mine", file: null });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("where the file cannot be made, the log says what to set instead, and not the token", () => {
  const said: string[] = [];
  const log = { ...silentLog, warn: (message: string) => said.push(message) };
  const { value, file } = readToken(unset, log, "/dev/null/token");
  expect(file).toBeNull();
  expect(said.join()).toContain("WATCHDOG_TOKEN");
  expect(said.join()).not.toContain(value);
});

test("an address that other machines reach is refused without a token that is hard to guess", () => {
  for (const watchdogHost of ["0.0.0.0", "::", "10.0.0.7", "shop.example"]) {
    expect(() => checkToken({ watchdogHost, ...unset })).toThrow(UsageError);
    expect(() => checkToken({ watchdogHost, watchdogToken: "short" })).toThrow("at least 16");
    expect(() => checkToken({ watchdogHost, watchdogToken: "0123456789abcdef" })).not.toThrow();
  }
  for (const watchdogHost of ["127.0.0.1", "127.3.2.1", "::1", "localhost"]) {
    expect(() => checkToken({ watchdogHost, ...unset })).not.toThrow();
  }
});
