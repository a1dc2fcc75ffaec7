import { expect, test } from "bun:test";
import { type Differing, rowFindings } from "./rows.ts";

const well: Differing = {
  ...{ table: "clicks", rows: 0, standing: 0, healed: 0, quarantined: 0, fresh: 0, verdicts: "", causes: "" },
  ...{ from: null, to: null, sample: "", hold: null },
};
const differing: Partial<Differing> = {
  ...{ rows: 12, standing: 12, verdicts: "missing", causes: "not-in-kafka", sample: "1, 2, 3" },
  ...{ from: "2026-11-24T02:50:00Z", to: "2026-11-24T02:55:00Z" },
};

const cases: readonly (readonly [string, Partial<Differing>, "heal" | "plan" | "report", readonly string[]])[] = [
  ["nothing differs", {}, "heal", []],
  ["rows differ, and are healed", differing, "heal", ["divergence warning"]],
  ["rows differ, and nobody heals them", differing, "report", ["divergence critical"]],
  ["rows differ, and it is only said what would be healed", differing, "plan", ["divergence critical"]],
  ["rows differed, and were healed just now", { rows: 3, healed: 3, fresh: 3 }, "heal", ["divergence warning"]],
  ["rows differed, and were healed a while ago", { rows: 3, healed: 3 }, "heal", []],
  [
    "so many differ that a person must look",
    { ...differing, hold: "30,000 rows are more than HEAL_MAX_ROWS" },
    "heal",
    ["divergence warning", "heal-held critical"],
  ],
  ["what was healed still differs", { rows: 2, quarantined: 2 }, "heal", ["heal-fails critical"]],
  [
    "some in quarantine, others found",
    { ...differing, quarantined: 2 },
    "heal",
    ["divergence warning", "heal-fails critical"],
  ],
];

test.each(cases)("%s", (_name, change, healMode, expected) => {
  const findings = rowFindings({ ...well, ...change }, { healMode });
  expect(findings.map(({ kind, severity }) => `${kind} ${severity}`)).toEqual([...expected]);
  for (const { labels, remedy } of findings) {
    expect(labels).toEqual({ table: "clicks" });
    expect(remedy).toContain("--table clicks");
  }
});

test("how many rows, which, where and why is told, and what is done or to be typed", () => {
  const [healed] = rowFindings({ ...well, ...differing }, { healMode: "heal" });
  expect(healed?.summary).toBe(
    "12 rows of clicks differ between PostgreSQL and Elasticsearch (missing), in buckets from 2026-11-24T02:50:00Z to 2026-11-24T02:55:00Z",
  );
  expect(healed?.facts).toMatchObject({ rows: 12, causes: "not-in-kafka", sample_keys: "1, 2, 3" });
  expect(healed?.action).toContain("re-emits");
  const [reported] = rowFindings({ ...well, ...differing }, { healMode: "report" });
  expect(reported).toMatchObject({ remedy: "bun run watchdog heal --table clicks" });
  expect(reported?.action).toBeUndefined();
});

test("rows outside of all buckets differ without an interval", () => {
  const [finding] = rowFindings({ ...well, rows: 1, standing: 1, verdicts: "ghost" }, { healMode: "heal" });
  expect(finding?.summary).toEndWith("(ghost)");
  expect(Object.keys(finding?.facts ?? {})).not.toContain("from");
});
