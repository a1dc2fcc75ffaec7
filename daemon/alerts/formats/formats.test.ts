import { expect, test } from "bun:test";
import fc from "fast-check";
import { htmlOf } from "../email/html.ts";
import { composeMessage, plainText, threadSubject } from "../message.ts";
import { anyNotification, sampleIncident, sampleNotification } from "../testing/samples.ts";
import { MAX_BODY_BYTES } from "./fit.ts";
import { formats } from "./format.ts";

const resolvedAtMs = Date.parse("2026-11-24T03:10:16Z");

test("tidemark: type, timestamp and data", () => {
  expect(JSON.parse(formats.tidemark(sampleNotification()))).toEqual({
    type: "incident.firing",
    timestamp: "2026-11-24T02:58:41Z",
    data: {
      group: "g-1",
      statusUrl: "http://127.0.0.1:9402/",
      incidents: [
        {
          id: 17,
          fingerprint: "5f2d",
          kind: "divergence",
          severity: "critical",
          labels: { table: "clicks" },
          summary: "1,204 rows of clicks differ between 02:50 and 02:55 UTC",
          facts: { rows: 1204, cause: "not-in-kafka", sample_keys: "481, 482, 483" },
          remedy: "bun run watchdog heal --table clicks --confirm",
          action: "re-emits the rows through Kafka, and compares again",
          status: "firing",
          startedAt: "2026-11-24T02:58:11Z",
          resolvedAt: null,
          consequences: [],
        },
      ],
      omittedIncidents: 0,
    },
  });
});

test("alertmanager: version 4, what is common, and ends", () => {
  const incidents = [
    sampleIncident({ resolvedAtMs }),
    sampleIncident({ id: 18, labels: { table: "transactions", "a-b": "1" } }),
  ];
  const body = JSON.parse(formats.alertmanager(sampleNotification({ event: "resolved", incidents }), "on-call"));
  expect(body).toMatchObject({
    version: "4",
    groupKey: "g-1",
    truncatedAlerts: 0,
    status: "firing",
    receiver: "on-call",
    groupLabels: { alertname: "divergence" },
    commonLabels: { alertname: "divergence", severity: "critical" },
    externalURL: "http://127.0.0.1:9402/",
  });
  expect(body.commonAnnotations.remedy).toBe("bun run watchdog heal --table clicks --confirm");
  const [first, second] = body.alerts;
  expect(first).toMatchObject({
    status: "resolved",
    startsAt: "2026-11-24T02:58:11Z",
    endsAt: "2026-11-24T03:10:16Z",
    fingerprint: "5f2d",
    generatorURL: "http://127.0.0.1:9402/",
  });
  expect(second).toMatchObject({ status: "firing", endsAt: "0001-01-01T00:00:00Z" });
  expect(second.labels).toEqual({ alertname: "divergence", severity: "critical", table: "transactions", a_b: "1" });
  expect(
    JSON.parse(formats.alertmanager(sampleNotification({ incidents: [sampleIncident({ resolvedAtMs })] }), "x")),
  ).toMatchObject({ status: "resolved" });
});

test("alertmanager: a test without incidents carries one alert", () => {
  const body = JSON.parse(formats.alertmanager(sampleNotification({ event: "test", incidents: [] }), "on-call"));
  expect(body.alerts).toHaveLength(1);
  expect(body.alerts[0].labels.alertname).toBe("tidemark-test");
});

test("slack: mrkdwn is escaped, mentions are dead, the command is literal", () => {
  const summary = "<!channel> & <https://x.example|click> -> done";
  const { text, blocks } = JSON.parse(formats.slack(sampleNotification({ incidents: [sampleIncident({ summary })] })));
  const escaped = "&lt;!channel&gt; &amp; &lt;https://x.example|click&gt; -&gt; done";
  expect(text).toBe(`Firing, critical: ${escaped}`);
  expect(blocks[0].text).toEqual({ type: "mrkdwn", text: `*Firing, critical: ${escaped}*`, verbatim: true });
  expect(blocks[1].text.text).toContain("*Do:*\n```bun run watchdog heal --table clicks --confirm```");
  expect(blocks.at(-1).text.text).toBe("<http://127.0.0.1:9402/|Status page>");
});

test("slack: a flood is cut to what Slack takes, with a count", () => {
  const incidents = Array.from({ length: 500 }, (_, id) => sampleIncident({ id }));
  const { blocks } = JSON.parse(formats.slack(sampleNotification({ incidents })));
  expect(blocks.length).toBeLessThanOrEqual(50);
  const shown = blocks.length - 3;
  expect(shown).toBeGreaterThan(10);
  expect(blocks.at(-2).text.text).toBe(`and ${500 - shown} more incidents`);
});

test("no notification makes a format throw or go beyond its receiver's limits", () => {
  fc.assert(
    fc.property(anyNotification, (notification) => {
      for (const format of Object.values(formats)) {
        const body = format(notification, "on-call");
        expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_BODY_BYTES);
        expect(body.isWellFormed()).toBe(true);
        JSON.parse(body);
      }
      const { blocks } = JSON.parse(formats.slack(notification)) as { blocks: { text: { text: string } }[] };
      const texts = blocks.map(({ text }) => text.text);
      expect(blocks.length).toBeLessThanOrEqual(50);
      for (const text of texts) {
        expect(text.length).toBeGreaterThan(0);
        expect(text.length).toBeLessThanOrEqual(3_000);
        expect(text.replace(/<https?:[^<>|]*\|Status page>$/, "")).not.toMatch(/[<>]|&(?!(amp|lt|gt);)/);
      }
      expect(texts.join("").length).toBeLessThan(13_000);
      const message = composeMessage(notification);
      expect(plainText(message)).not.toMatch(/[\p{Cf}\r\0]/u);
      expect(threadSubject(notification)).toMatch(/^[^\p{Cc}\p{Cf}]{1,150}$/u);
      expect(
        htmlOf(message).replace(/<\/?(html|body|h2|h3|table|tr|td|pre|p|ul|li|a|!doctype)\b[^<>]*>/g, ""),
      ).not.toMatch(/[<>]/);
    }),
    // Shrinking stops in time too.
    { numRuns: 60, interruptAfterTimeLimit: 20_000 },
  );
}, 60_000);
