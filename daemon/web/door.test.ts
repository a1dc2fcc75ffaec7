import { expect, test } from "bun:test";
import { type Log, silentLog } from "../../src/log.ts";
import { Sessions } from "./access/session.ts";
import { Failure } from "./answer/failure.ts";
import { Door } from "./door.ts";
import type { Route } from "./route.ts";
import { Credentials } from "./session-routes.ts";

const routes: readonly Route[] = [
  { method: "GET", path: "/api/thing", access: "reader", handle: () => new Response("read") },
  { method: "POST", path: "/api/thing", access: "person", handle: () => new Response("changed") },
  {
    method: "GET",
    path: "/api/broken",
    access: "anybody",
    handle: () => {
      throw new Error("relation is missing");
    },
  },
  { method: "GET", path: "/api/hangs", access: "anybody", handle: () => new Promise(() => {}) },
  {
    method: "GET",
    path: "/api/fails",
    access: "anybody",
    handle: () => {
      throw new Failure(409, "not now", "later");
    },
  },
];

function open(bindHost = "127.0.0.1", log: Log = silentLog) {
  const sessions = new Sessions("a-token-for-tests", "tidemark_0", false);
  const place = { bindHost, publicUrl: "", machineName: "test" };
  const door = new Door(routes, place, new Credentials("a-token-for-tests", sessions), log, 50);
  return async (method: string, path: string, headers: Record<string, string> = {}) => {
    const request = new Request(`http://localhost${path}`, { method, headers: { host: "localhost", ...headers } });
    return door.enter(path, { request, params: {}, address: "127.0.0.1", keepOpen: () => {} });
  };
}

const json = { "content-type": "application/json" };
const bearer = { authorization: "Bearer a-token-for-tests" };

test("on this machine everybody reads, and a person with the token changes", async () => {
  const ask = open();
  expect(await (await ask("GET", "/api/thing")).text()).toBe("read");
  expect((await ask("POST", "/api/thing", json)).status).toBe(401);
  expect(await (await ask("POST", "/api/thing", { ...json, ...bearer })).text()).toBe("changed");
});

test("reached from elsewhere, reading needs the token too; a browser is shown where to type it", async () => {
  const ask = open("0.0.0.0");
  const refused = await ask("GET", "/api/thing");
  expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
  expect(await refused.json()).toMatchObject({ error: "this needs a token" });
  const form = await ask("GET", "/api/thing", { accept: "text/html,*/*" });
  expect([form.status, await form.text()]).toEqual([401, expect.stringContaining('type="password"')]);
  expect((await ask("GET", "/api/thing", bearer)).status).toBe(200);
  expect((await ask("GET", "/api/thing", { authorization: "Bearer wrong" })).status).toBe(401);
});

test("a method that is not there names those that are", async () => {
  const response = await open()("DELETE", "/api/thing", bearer);
  expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, POST"]);
  expect((await open()("HEAD", "/api/thing")).status).toBe(200);
});

test("a failure that is nobody's mistake is logged, once in a while, and its details are not sent", async () => {
  const said: string[] = [];
  const ask = open("127.0.0.1", { ...silentLog, warn: (_, fields) => said.push(JSON.stringify(fields)) });
  for (let n = 0; n < 3; n++) {
    const response = await ask("GET", "/api/broken");
    expect([response.status, await response.text()]).toEqual([503, expect.not.stringContaining("relation")]);
  }
  expect(said).toEqual([expect.stringContaining("relation is missing")]);
  const meant = await ask("GET", "/api/fails");
  expect([meant.status, await meant.json()]).toEqual([409, { error: "not now", expected: "later" }]);
  expect(said).toHaveLength(1);
});

test("a server that hangs keeps no request waiting for ever", async () => {
  expect((await open()("GET", "/api/hangs")).status).toBe(503);
});
