import { expect, test } from "bun:test";
import { judged, NOW, table } from "../testing/tables.ts";
import { sentenceOf } from "./sentence.ts";
import { type Judged, verdictOf } from "./verdict.ts";

const twoMinutes = { fromMs: Date.UTC(2026, 10, 24, 12, 2), toMs: Date.UTC(2026, 10, 24, 12, 3) };
const others = [table("transactions"), table("customers")];

const cases: [what: string, of: Judged, verdict: string, sentence: string][] = [
  ["exact", judged([table("clicks"), ...others]), "exact", "Exact up to 12:31:07 (2 s ago). 3 tables, 30,000 rows."],
  [
    "the table that lags behind is what counts",
    judged([table("clicks", { verifiedAtMs: NOW - 40_000 }), ...others]),
    "exact",
    "Exact up to 12:30:29 (40 s ago). 3 tables, 30,000 rows.",
  ],
  [
    "no rows",
    judged([table("clicks", { everyBucketSinceMs: null })], {
      counts: new Map([["clicks", { rows: 0, documents: 0, verified: 0 }]]),
    }),
    "exact",
    "Exact up to 12:31:07 (2 s ago). 1 table, no rows yet: bun run demo streams some.",
  ],
  [
    "rows that nobody could count",
    judged([table("clicks")], { counts: new Map([["clicks", { rows: null, documents: 5, verified: null }]]) }),
    "exact",
    "Exact up to 12:31:07 (2 s ago). 1 table.",
  ],
  [
    "being healed",
    judged([table("clicks", { open: 4, emitted: 8, healed: 8, ...twoMinutes }), ...others]),
    "healing",
    "12 rows of clicks differ, 12:02-12:03; healing, 8 done.",
  ],
  ["one row, in no bucket", judged([table("clicks", { open: 1 })]), "healing", "1 row of clicks differs; healing."],
  [
    "two tables differ",
    judged([table("clicks", { open: 2 }), table("products", { emitted: 3 })]),
    "healing",
    "2 rows of clicks differ; healing. 3 rows of products differ; healing.",
  ],
  [
    "held by a cap",
    judged([table("clicks", { open: 30, hold: "30 rows are more than HEAL_MAX_ROWS=20." })]),
    "diverged",
    "30 rows of clicks differ; healing waits for a person: 30 rows are more than HEAL_MAX_ROWS=20.",
  ],
  [
    "only told",
    judged([table("clicks", { open: 2 })], { healMode: "report" }),
    "diverged",
    "2 rows of clicks differ; nobody heals them (HEAL_MODE=report).",
  ],
  [
    "in quarantine",
    judged([table("clicks", { quarantined: 2 })]),
    "diverged",
    "2 rows of clicks differ; 2 would not heal.",
  ],
  [
    "some in quarantine, some being healed",
    judged([table("clicks", { quarantined: 2, open: 1, healed: 5 })]),
    "diverged",
    "3 rows of clicks differ; 2 would not heal, the others are being healed, 5 done.",
  ],
  [
    "before the first comparison",
    judged([table("clicks", { verifiedAtMs: null }), ...others]),
    "unknown",
    "Not yet verified: the first comparison is under way, 2 of 3 tables done. 3 tables, 30,000 rows.",
  ],
  [
    "during the first scrub",
    judged([table("clicks", { everyBucketSinceMs: null })], {
      counts: new Map([["clicks", { rows: 10_000, documents: 10_000, verified: 4_399 }]]),
    }),
    "unknown",
    "Recent rows are exact up to 12:31:07 (2 s ago); the first look at all others is under way, 43 % of rows done. 1 table, 10,000 rows.",
  ],
  [
    "a fence that did not pass",
    judged([table("clicks", { verifiedAtMs: NOW - 300_000 })], {
      fence: { atMs: NOW - 1_000, passed: false, waits: {}, stage: "sink", distance: "40000 messages" },
    }),
    "unknown",
    "Last known: exact up to 12:26:09 (5 min ago). Nothing could be compared since: held up at the sink, 40000 messages behind.",
  ],
  [
    "comparisons that do not come",
    judged([table("clicks", { verifiedAtMs: NOW - 91_000 })]),
    "unknown",
    "Last known: exact up to 12:29:38 (1 min 31 s ago). No comparison has ended since.",
  ],
  [
    "PostgreSQL away",
    judged([table("clicks", { open: 3 })], { away: { sinceMs: NOW - 65_000, reason: "refused" } }),
    "unknown",
    "PostgreSQL does not answer since 12:30:04 (1 min 5 s). Last known: exact up to 12:31:07 (2 s ago).",
  ],
  [
    "PostgreSQL away from the beginning",
    judged([table("clicks", { verifiedAtMs: null })], { away: { sinceMs: NOW - 1_000, reason: "refused" } }),
    "unknown",
    "PostgreSQL does not answer since 12:31:08 (1 s). Nothing was verified yet.",
  ],
];

for (const [what, of, verdict, sentence] of cases) {
  test(`the sentence and the verdict: ${what}`, () => {
    expect(sentenceOf(of, NOW)).toBe(sentence);
    expect<string>(verdictOf(of, NOW)).toBe(verdict);
  });
}
