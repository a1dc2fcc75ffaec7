import { expect, test } from "bun:test";
import { isOpenToRead, type Place, refusalOf, type Visit } from "./guard.ts";

const place: Place = { bindHost: "127.0.0.1", publicUrl: "", machineName: "Shop-1" };
const get: Visit = {
  method: "GET",
  host: "127.0.0.1:9402",
  origin: null,
  fetchSite: null,
  fetchMode: null,
  contentType: null,
};
const post: Visit = { ...get, method: "POST", contentType: "application/json" };

function statusOf(visit: Visit, at: Partial<Place> = {}): number | null {
  return refusalOf(visit, { ...place, ...at })?.status ?? null;
}

test("hosts that are addresses, localhost, this machine's name or WATCHDOG_URL's may be asked for; rebound names not", () => {
  const known = ["127.0.0.1:9402", "localhost:9402", "[::1]:9402", "10.0.0.7", "shop-1:9402"];
  for (const host of known) expect([host, statusOf({ ...get, host })]).toEqual([host, null]);
  const foreign = [
    "evil.example:9402",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "127.0.0.1@evil.example",
    "127.0.0.1/x",
    "evil@127.0.0.1",
  ];
  for (const host of [...foreign, "", "a b", null]) expect([host, statusOf({ ...get, host })]).toEqual([host, 403]);
  const behindProxy = { publicUrl: "https://status.shop.example" };
  expect(statusOf({ ...get, host: "status.shop.example" }, behindProxy)).toBeNull();
  expect(statusOf({ ...get, host: "other.shop.example" }, behindProxy)).toBe(403);
});

test("a change comes from this page or from no page", () => {
  const own = "http://127.0.0.1:9402";
  expect(statusOf(post)).toBeNull();
  expect(statusOf({ ...post, origin: own, fetchSite: "same-origin" })).toBeNull();
  for (const origin of ["http://evil.example", "http://127.0.0.1:9999", "https://127.0.0.1:9402", "null"]) {
    expect([origin, statusOf({ ...post, origin })]).toEqual([origin, 403]);
  }
  for (const fetchSite of ["cross-site", "same-site"]) expect(statusOf({ ...post, fetchSite })).toBe(403);
  const proxied = { publicUrl: "https://status.shop.example" };
  expect(statusOf({ ...post, host: "127.0.0.1:9402", origin: "https://status.shop.example" }, proxied)).toBeNull();
});

test("a change's body is JSON, which no form can send", () => {
  for (const contentType of [null, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
    expect(statusOf({ ...post, contentType })).toBe(415);
  }
  expect(statusOf({ ...post, contentType: "Application/JSON; charset=utf-8" })).toBeNull();
  expect(statusOf({ ...get, method: "DELETE" })).toBeNull();
});

test("a link from elsewhere opens the page, but no other page may read or embed what is here", () => {
  expect(statusOf({ ...get, fetchSite: "cross-site", fetchMode: "navigate" })).toBeNull();
  expect(statusOf({ ...get, fetchSite: "cross-site", fetchMode: "cors" })).toBe(403);
  expect(statusOf({ ...get, fetchSite: "cross-site", fetchMode: "no-cors" })).toBe(403);
  expect(statusOf({ ...post, fetchSite: "cross-site", fetchMode: "navigate" })).toBe(403);
});

test("reading is open on this machine alone, and not through a proxy", () => {
  const open = (host: string, bindHost: string) => isOpenToRead({ host }, { bindHost });
  expect(open("127.0.0.1:9402", "127.0.0.1")).toBe(true);
  expect(open("localhost:9402", "localhost")).toBe(true);
  expect(open("[::1]:9402", "::1")).toBe(true);
  expect(open("status.shop.example", "127.0.0.1")).toBe(false);
  expect(open("127.0.0.1:9402", "0.0.0.0")).toBe(false);
  expect(open("10.0.0.7:9402", "10.0.0.7")).toBe(false);
});
