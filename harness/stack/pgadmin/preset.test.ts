import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { thisMachine } from "../machine.ts";
import { writePreset } from "./preset.ts";

const parent = mkdtempSync(join(tmpdir(), "tidemark-pgadmin-"));
afterAll(() => rmSync(parent, { recursive: true }));

test("pgAdmin is preset with this stack's server, for loopback, without a login, and with no password in a file", () => {
  const folder = join(parent, "pgadmin");
  const endpoints = { postgresHost: "127.0.0.1", postgresPort: 15432 };
  const { checkout } = thisMachine();
  const { configuration, servers } = writePreset({ folder, checkout, port: 5051, user: "ada", endpoints });
  const text = readFileSync(configuration, "utf8");
  for (const line of ["SERVER_MODE = False", 'DEFAULT_SERVER = "127.0.0.1"', "DEFAULT_SERVER_PORT = 5051"]) {
    expect(text).toContain(`${line}\n`);
  }
  const [server, ...others] = Object.values(JSON.parse(readFileSync(servers, "utf8")).Servers);
  expect(others).toEqual([]);
  expect(server).toMatchObject({ Name: "Tidemark", Host: "127.0.0.1", Port: 15432, Username: "ada" });
  expect(server).toMatchObject({ PasswordExecCommand: "printenv POSTGRES_ADMIN_PASSWORD" });
});
