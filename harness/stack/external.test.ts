import { expect, test } from "bun:test";
import { resolveConfig } from "../../src/config.ts";
import { UnreachableError } from "../../src/errors.ts";
import { openStack } from "./open.ts";
import { serverNames } from "./stack.ts";

// Port 1 is tcpmux's: nothing listens there.
const external = openStack(
  resolveConfig(
    {},
    {
      STACK_PROVIDER: "external",
      POSTGRES_PORT: "1",
      KAFKA_BROKERS: "127.0.0.1:1",
      CONNECT_URL: "http://127.0.0.1:1",
      ELASTICSEARCH_URL: "http://127.0.0.1:1",
    },
  ),
);

test("servers that do not answer are all named, with their addresses and the reason", async () => {
  const failure = await external.start().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(UnreachableError);
  for (const name of serverNames) expect(String(failure)).toContain(`${name} at `);
  expect(String(failure)).toContain("ECONNREFUSED");
});

test("its processes are not ours to control", async () => {
  for (const name of serverNames) {
    const server = external.server(name);
    for (const verb of ["kill", "pause", "resume", "stop", "start", "restart"] as const) {
      await expect(server[verb]()).rejects.toThrow(`cannot ${verb} ${name}: STACK_PROVIDER=external`);
    }
    expect(() => external.logs(name)).toThrow("STACK_PROVIDER=external");
  }
  await expect(external.stop({ purge: true })).rejects.toThrow("STACK_PROVIDER=external");
  await external.stop();
});
