import { expect, test } from "bun:test";
import type { Letter } from "../../src/dead-letters/letters.ts";
import type { Table } from "../../src/tables.ts";
import { deadLetterFindings } from "./dead-letters.ts";

const tables: readonly Table[] = ["clicks", "orders"].map((name) => ({ name, key: ["id"], timeColumn: "at" }));

function letter(id: number, topic: string, cause = "mapping"): Letter {
  return {
    ...{ id: `l${id}`, cause, error: "failed to parse [secret-value]", topic, partition: 0, offset: String(id) },
    ...{ refusedAt: `2026-11-24T02:00:0${id}.000Z`, key: Buffer.from("secret-key"), value: Buffer.from("secret-row") },
  };
}

test("where no letter arrived nothing is wrong, however many lie there", () => {
  expect(deadLetterFindings([], 400, tables, "t")).toEqual([]);
});

test("letters are one fault for each table, with their causes, the first of them, and no value of a row", () => {
  const arrived = [
    letter(1, "t.public.clicks"),
    letter(2, "t.public.orders"),
    letter(3, "t.public.clicks", "too-large"),
    letter(4, "t.public.clicks"),
  ];
  const findings = deadLetterFindings(arrived, 9, tables, "t");
  expect(findings).toMatchObject([
    {
      ...{ kind: "dead-letters", severity: "warning", labels: { table: "clicks" } },
      facts: {
        arrived: 3,
        not_retried: 9,
        causes: "mapping, too-large",
        first: "2026-11-24T02:00:01.000Z",
        sample: "l1, l3, l4",
      },
    },
    { labels: { table: "orders" }, facts: { arrived: 1, not_retried: 9, causes: "mapping" } },
  ]);
  expect(JSON.stringify(findings)).not.toContain("secret");
});

test("a topic that is no declared table's is named itself, and a sample is five letters at most", () => {
  const arrived = [1, 2, 3, 4, 5, 6].map((id) => letter(id, "t.public.gone"));
  const [finding] = deadLetterFindings(arrived, 6, tables, "t");
  expect(finding?.labels).toEqual({ table: "t.public.gone" });
  expect(finding?.facts.sample).toBe("l1, l2, l3, l4, l5");
});
