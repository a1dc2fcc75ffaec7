import { afterAll } from "bun:test";
import { resolveConfig } from "../../src/config.ts";
import { stopTestStack } from "./fixture.ts";
import { expectNothingUnspeakable, neverLogged } from "./logs.ts";

// The password of every role in PostgreSQL.
neverLogged(resolveConfig({}, {}).postgresAdminPassword);

// Run once, after the last file.
afterAll(stopTestStack, 60_000);
afterAll(expectNothingUnspeakable);
