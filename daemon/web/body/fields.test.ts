import { expect, test } from "bun:test";
import { tables } from "../../../src/tables.ts";
import { Failure } from "../answer/failure.ts";
import { Fields, readFields } from "./fields.ts";
import { readSilence } from "./silence.ts";
import { readSpan } from "./span.ts";
import { readWanted } from "./work.ts";

const DAY = 86_400_000;

function refused(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Failure) return `${error.status} ${error.message}: ${error.expected}`;
    throw error;
  }
  return "nothing";
}

async function refusedBody(body: string): Promise<string> {
  const request = new Request("http://localhost/", { method: "POST", body });
  const error = await readFields(request).catch((failure: unknown) => failure);
  return error instanceof Failure ? `${error.status} ${error.message}` : "nothing";
}

test("a body is a JSON object of at most 16 KiB; none is an empty one", async () => {
  expect(await refusedBody("{")).toBe("400 the body is not JSON");
  expect(await refusedBody("[1]")).toBe("400 the body is JSON, but no object");
  expect(await refusedBody("null")).toBe("400 the body is JSON, but no object");
  expect(await refusedBody(JSON.stringify({ a: "x".repeat(16_384) }))).toBe("413 the body is too long");
  expect(await refusedBody("")).toBe("nothing");
});

test("a silence is read, or what is wrong with it is said", () => {
  const right = { matchers: ["kind=divergence"], author: " ann ", reason: "deploy", durationSeconds: 60 };
  expect(readSilence(new Fields(right))).toMatchObject({ author: "ann", durationMs: 60_000 });
  const wrong: [change: Record<string, unknown>, says: string][] = [
    [{ matchers: [] }, "400 matchers is wrong: a list of 1 to 20 texts"],
    [{ matchers: undefined }, "400 matchers is missing: a list of 1 to 20 texts"],
    [{ matchers: ["kind"] }, "400 matchers is wrong: NAME=VALUE"],
    [{ matchers: ["kind=~("] }, "400 matchers is wrong: a regular expression"],
    [{ author: "" }, "400 author is wrong: a text of 1 to 100"],
    [{ reason: 5 }, "400 reason is wrong: a text"],
    [{ durationSeconds: 0 }, "400 durationSeconds is wrong: a whole number from 1 to 7776000"],
    [{ durationSeconds: 1.5 }, "400 durationSeconds is wrong"],
    [{ durationSeconds: null }, "400 durationSeconds is missing"],
    [{ until: "noon" }, "400 unknown: until: matchers, author, reason, durationSeconds"],
  ];
  for (const [change, says] of wrong) {
    expect(refused(() => readSilence(new Fields({ ...right, ...change })))).toStartWith(says);
  }
});

test("work is asked for by table and time, or for all", () => {
  const read = (values: Record<string, unknown>) => readWanted(new Fields(values), tables);
  expect(read({})).toMatchObject({ deep: false, confirm: false });
  expect(read({ table: "clicks", from: "2026-11-24T12:00:00Z" })).toMatchObject({
    table: "clicks",
    fromMs: Date.UTC(2026, 10, 24, 12),
  });
  expect(refused(() => read({ table: "click" }))).toBe(
    "400 table is wrong: one of clicks, transactions, customers, products",
  );
  expect(refused(() => read({ from: "noon" }))).toStartWith("400 from is wrong: a time such as");
  expect(refused(() => read({ from: "2026-11-24T12:00:00" }))).toStartWith("400 from is wrong");
  expect(refused(() => read({ from: "2026-11-24", to: "2026-11-24" }))).toStartWith("400 from is not before to");
  expect(refused(() => read({ deep: "yes" }))).toBe("400 deep is wrong: true or false");
});

test("an interval has an end after its beginning, and is no longer than it may be", () => {
  const now = Date.UTC(2026, 10, 24);
  const span = (query: string) => readSpan(Fields.ofQuery(`http://localhost/${query}`), DAY, 10 * DAY, now);
  expect(span("")).toEqual({ fromMs: now - DAY, toMs: now });
  expect(span("?from=2026-11-20T00:00:00Z")).toEqual({ fromMs: now - 4 * DAY, toMs: now });
  expect(refused(() => span("?from=2026-11-01T00:00:00Z"))).toBe("400 the interval is too long: at most 10 days");
  expect(refused(() => span("?from=2026-11-25T00:00:00Z"))).toBe("400 from is not before to: an interval");
  expect(refused(() => span("?from=1969-12-31&to=1970-01-02"))).toStartWith("400 the interval is out of range");
});
