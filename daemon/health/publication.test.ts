import { expect, test } from "bun:test";
import { publicationFindings, publicationKinds } from "./publication.ts";

test("every table that is published is well", () => {
  expect(publicationFindings([])).toEqual([]);
});

test("a table that left the publication is added again; one that does not exist is for a person", () => {
  const findings = publicationFindings([
    { table: "clicks", exists: true },
    { table: "orders", exists: false },
  ]);
  expect(findings).toMatchObject([
    {
      ...{ kind: "table-unpublished", severity: "critical", labels: { table: "clicks" } },
      ...{
        remedy: "ALTER PUBLICATION tidemark ADD TABLE public.clicks",
        action: "adds it, and finds by comparison what was missed",
      },
    },
    { kind: "table-missing", severity: "critical", labels: { table: "orders" }, remedy: "bun run setup" },
  ]);
  expect(findings[1]?.action).toBeUndefined();
  for (const { kind } of findings) expect(publicationKinds as readonly string[]).toContain(kind);
});
