import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CancelledError } from "../ready.ts";
import { ManagedServer, type ServerDefinition } from "./server.ts";

const root = mkdtempSync(join(tmpdir(), "tidemark-server-"));
afterAll(() => rmSync(root, { recursive: true }));

function createServer(name: string, script: string, rest: Partial<ServerDefinition> = {}, said: string[] = []) {
  const definition: ServerDefinition = {
    name: "kafka",
    folder: join(root, name),
    address: "127.0.0.1:1",
    prepare: async () => {},
    command: () => ({ argv: ["sh", "-c", script], environment: { PATH: "/usr/bin:/bin" } }),
    probe: async () => {},
    stopSignal: "SIGTERM",
    stopTimeoutMs: 200,
    ...rest,
  };
  return new ManagedServer(definition, (line) => said.push(line));
}

const neverReady = async () => {
  throw new Error("not yet");
};

test("a server that ends as it starts is an error with the end of its log, of this start alone", async () => {
  await createServer("ends", "echo former; exit 1", { probe: neverReady })
    .start()
    .catch(() => {});
  const failure = await createServer("ends", "echo no space left; exit 1", { probe: neverReady })
    .start()
    .then(String, String);
  expect(failure).toMatch(/kafka did not become ready at 127\.0\.0\.1:1: its process has ended\n.*\nno space left$/);
});

test("waiting ends once another server of the same start has failed", async () => {
  const server = createServer("cancelled", "exec sleep 60", { probe: neverReady });
  await expect(server.start(() => true)).rejects.toBeInstanceOf(CancelledError);
  await server.kill();
});

test("a server that does not stop in time is killed, and that is said", async () => {
  const said: string[] = [];
  let ended = false;
  const server = createServer(
    "stubborn",
    "trap '' TERM; while :; do sleep 1; done",
    {
      afterStop: () => {
        ended = true;
      },
    },
    said,
  );
  expect(await server.start()).toBe(true);
  expect(await server.start()).toBe(false);
  await server.stop();
  expect(server.pid()).toBeUndefined();
  expect(said.at(-1)).toBe("kafka did not stop within 0.2 s, and was killed");
  expect(ended).toBe(false);
});
