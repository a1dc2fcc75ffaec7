import fc from "fast-check";
import type { IncidentView, Notification } from "../notification.ts";

/** An incident as a test needs it. */
export function sampleIncident(parts: Partial<IncidentView> = {}): IncidentView {
  return {
    id: 17,
    fingerprint: "5f2d",
    kind: "divergence",
    severity: "critical",
    labels: { table: "clicks" },
    summary: "1,204 rows of clicks differ between 02:50 and 02:55 UTC",
    facts: { rows: 1204, cause: "not-in-kafka", sample_keys: "481, 482, 483" },
    remedy: "bun run watchdog heal --table clicks --confirm",
    action: "re-emits the rows through Kafka, and compares again",
    startedAtMs: Date.parse("2026-11-24T02:58:11Z"),
    resolvedAtMs: null,
    consequences: [],
    ...parts,
  };
}

/** A notification as a test needs it. */
export function sampleNotification(parts: Partial<Notification> = {}): Notification {
  return {
    id: "msg_2026",
    event: "firing",
    group: "g-1",
    incidents: [sampleIncident()],
    createdAtMs: Date.parse("2026-11-24T02:58:41Z"),
    statusUrl: "http://127.0.0.1:9402/",
    ...parts,
  };
}

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 4_000 }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)), maxLength: 300 }),
  fc.constantFrom(
    "```",
    "a\r\nBcc: x@y.example",
    "<img src=x onerror=alert(1)>",
    "&".repeat(5_000),
    "\ud83d".repeat(4_000),
  ),
);
const anyTime = fc.integer({ min: -1e15, max: 9e15 });
const anyIncident: fc.Arbitrary<IncidentView> = fc
  .record({
    id: fc.nat(),
    fingerprint: anyText,
    kind: anyText,
    severity: fc.constantFrom("warning", "critical"),
    labels: fc.dictionary(anyText, anyText, { maxKeys: 40 }),
    summary: anyText,
    facts: fc.dictionary(anyText, fc.oneof(anyText, fc.double()), { maxKeys: 40 }),
    remedy: anyText,
    action: fc.option(anyText, { nil: undefined }),
    startedAtMs: anyTime,
    resolvedAtMs: fc.option(anyTime),
    consequences: fc.array(anyText, { maxLength: 40 }),
  })
  .map(({ action, ...rest }) => (action === undefined ? rest : { ...rest, action }));

/** Notifications with anything in their texts, some with hundreds of incidents. */
export const anyNotification: fc.Arbitrary<Notification> = fc
  .record({
    id: anyText,
    event: fc.constantFrom("firing", "repeat", "resolved", "test"),
    group: anyText,
    incidents: fc.array(anyIncident, { maxLength: 6 }),
    createdAtMs: anyTime,
    statusUrl: fc.option(fc.oneof(anyText, fc.webUrl())),
    times: fc.constantFrom(1, 1, 100),
  })
  .map(({ times, incidents, ...rest }) => ({
    ...rest,
    incidents: Array.from({ length: times }, () => incidents).flat(),
  }));
