import { expect, test } from "bun:test";
import { Sessions } from "./session.ts";

const cookieOf = (header: string) => header.split(";")[0] ?? "";

test("a session outlives a restart, and ends after a week or with another token", () => {
  let nowMs = 1_800_000_000_000;
  const sessions = (token: string) => new Sessions(token, "tidemark_9402", false, () => nowMs);
  const cookie = cookieOf(sessions("one").begin());
  expect(sessions("one").holds(`theme=dark; ${cookie}`)).toBe(true);
  expect(sessions("other").holds(cookie)).toBe(false);
  nowMs += 7 * 86_400_000 - 1_000;
  expect(sessions("one").holds(cookie)).toBe(true);
  nowMs += 2_000;
  expect(sessions("one").holds(cookie)).toBe(false);
});

test("a cookie that was made up or changed is none", () => {
  const sessions = new Sessions("token", "tidemark_9402", false);
  const [name, value = ""] = cookieOf(sessions.begin()).split("=");
  const [until, seal] = value.split(".");
  const made = [`${Number(until) + 1}.${seal}`, `${until}.`, `${until}`, `.${seal}`, "", `${until}.${seal}x`, "a.b.c"];
  for (const other of made) expect([other, sessions.holds(`${name}=${other}`)]).toEqual([other, false]);
  expect(sessions.holds(null)).toBe(false);
  expect(sessions.holds(`other=${value}`)).toBe(false);
  expect(sessions.holds(`${name}=${value}`)).toBe(true);
});

test("scripts and other sites never get the cookie, and it stays off plain HTTP where the page is on HTTPS", () => {
  const begun = new Sessions("token", "tidemark_9402", false).begin();
  expect(begun).toContain("; HttpOnly; SameSite=Strict");
  expect(begun).not.toContain("Secure");
  expect(new Sessions("token", "tidemark_9402", true).begin()).toContain("; Secure");
  expect(new Sessions("token", "tidemark_9402", false).end()).toContain("tidemark_9402=; Path=/; Max-Age=0");
});
