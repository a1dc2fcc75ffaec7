import { expect, test } from "bun:test";
import { composeMessage, plainText, threadSubject } from "./message.ts";
import { sampleIncident, sampleNotification } from "./testing/samples.ts";
import { durationText } from "./time.ts";

const resolvedAtMs = Date.parse("2026-11-24T03:10:16Z");

test("a firing message says what, since when, how much, the cause, the watchdog's part and the command", () => {
  const incidents = [sampleIncident({ consequences: ["the sink is 40,000 messages behind"] })];
  expect(plainText(composeMessage(sampleNotification({ incidents })))).toBe(
    `Firing, critical: 1,204 rows of clicks differ between 02:50 and 02:55 UTC

Since: 2026-11-24T02:58:11Z
Incident: 17, divergence, table clicks
rows: 1204
cause: not-in-kafka
sample keys: 481, 482, 483
The watchdog: re-emits the rows through Kafka, and compares again
Do: bun run watchdog heal --table clicks --confirm
Taken for its consequences, and not told by themselves:
- the sink is 40,000 messages behind

Status page: http://127.0.0.1:9402/
`,
  );
});

test("a resolved message says for how long it lasted, and gives no orders", () => {
  const text = plainText(
    composeMessage(sampleNotification({ event: "resolved", incidents: [sampleIncident({ resolvedAtMs })] })),
  );
  expect(text).toStartWith("Resolved after 12 min 5 s: 1,204 rows of clicks differ");
  expect(text).toContain("Until: 2026-11-24T03:10:16Z\nLasted: 12 min 5 s\n");
  expect(text).not.toContain("Do:");
});

test("a repeat says for how long; several incidents have a heading each; a flood is counted", () => {
  const incidents = Array.from({ length: 60 }, (_, id) => sampleIncident({ id }));
  const createdAtMs = Date.parse("2026-11-24T06:58:11Z");
  const text = plainText(composeMessage(sampleNotification({ event: "repeat", incidents, createdAtMs })));
  expect(text).toStartWith("Still firing after 4 h, critical: 1,204 rows");
  expect(text.split("\n")[0]).toEndWith("(and 59 more)");
  expect(text.match(/^Firing, critical: /gm)).toHaveLength(50);
  expect(text).toContain("and 10 more incidents");
});

test("a test without incidents says that nothing is wrong", () => {
  const { title } = composeMessage(sampleNotification({ event: "test", incidents: [] }));
  expect(title).toBe("Test: this channel works; nothing is wrong");
});

test("a thread's subject has no figures and no state, and no line ends", () => {
  expect(threadSubject(sampleNotification())).toBe("[Tidemark] divergence table clicks");
  const resolved = { event: "resolved", incidents: [sampleIncident({ resolvedAtMs, summary: "other" })] } as const;
  expect(threadSubject(sampleNotification(resolved))).toBe(threadSubject(sampleNotification()));
  const nasty = sampleIncident({ labels: { table: "a\r\nBcc: evil@x.example\u202e" } });
  expect(threadSubject(sampleNotification({ incidents: [nasty] }))).toBe(
    "[Tidemark] divergence table a Bcc: evil@x.example",
  );
});

test("a status page's login is not told; no other kind of address is linked", () => {
  const urlOf = (statusUrl: string) => composeMessage(sampleNotification({ statusUrl })).statusUrl;
  expect(urlOf("https://user:word@status.example/")).toBe("https://status.example/");
  expect(urlOf("javascript:alert(1)")).toBeNull();
});

test.each([
  [0, "less than 1 s"],
  [59_400, "59 s"],
  [60_000, "1 min"],
  [3_725_000, "1 h 2 min"],
  [90_061_000, "1 d 1 h"],
  [Number.NaN, "less than 1 s"],
])("%p ms are %p", (ms, text) => {
  expect(durationText(ms)).toBe(text);
});
