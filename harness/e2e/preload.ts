import { afterAll } from "bun:test";
import { stopTestStack } from "./fixture.ts";

// Runs once, after the last file.
afterAll(stopTestStack, 60_000);
