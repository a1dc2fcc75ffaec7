import { expect, test } from "bun:test";
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { option, parseCommandLine, toggle } from "./command.ts";
import { resolveConfig } from "./config.ts";
import { UsageError } from "./errors.ts";

const command = { options: { dryRun: toggle("x"), limit: option("N", "x", 0, Number) } };

function mistakesOf(run: () => unknown): readonly string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof UsageError) return error.mistakes;
    throw error;
  }
  return [];
}

test("a flag wins over the environment, and that over the default", () => {
  const env = { POSTGRES_PORT: "6000", TOPIC_PREFIX: "fromenv" };
  const { config } = parseCommandLine(command, ["--postgres-port", "7000"], env);
  expect([config.postgresPort, config.topicPrefix, config.slotName]).toEqual([7000, "fromenv", "tidemark"]);
  expect([...config.explicit].sort()).toEqual(["postgresPort", "topicPrefix"]);
});

test("all mistakes are reported at once, by name", () => {
  const env = { SINK_PORT: "abc", ELASTICSEARCH_URL: "ftp://x" };
  const mistakes = mistakesOf(() => parseCommandLine(command, ["--nope", "--postgres-port=0", "--kafka-brokers"], env));
  expect(mistakes.map((mistake) => mistake.split(":")[0])).toEqual([
    "--nope",
    "--kafka-brokers",
    "--postgres-port",
    "ELASTICSEARCH_URL",
    "SINK_PORT",
  ]);
});

test("a secret may stand in a file; its value is in no mistake", () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), "tidemark-secret-"));
  const file = join(folder.path, "password");
  writeFileSync(file, "from file\n");
  expect(resolveConfig({}, { POSTGRES_ADMIN_PASSWORD_FILE: file }).postgresAdminPassword).toBe("from file");
  const both = { POSTGRES_ADMIN_PASSWORD_FILE: file, POSTGRES_ADMIN_PASSWORD: "hunter2" };
  const mistakes = mistakesOf(() => resolveConfig({}, both));
  expect(mistakes.length).toBe(1);
  expect(mistakes.join()).not.toContain("hunter2");
  expect(mistakesOf(() => resolveConfig({}, { POSTGRES_ADMIN_PASSWORD_FILE: "/no/such/file" })).join()).toContain(
    "ENOENT",
  );
});

test("options of a command: switches, values, and what is no option", () => {
  const { options, positionals } = parseCommandLine(
    { ...command, positionals: "X" },
    ["a", "--dry-run", "--limit=5"],
    {},
  );
  expect(options).toEqual({ dryRun: true, limit: 5 });
  expect(positionals).toEqual(["a"]);
  expect(mistakesOf(() => parseCommandLine(command, ["a", "--dry-run=yes"], {})).length).toBe(2);
});
