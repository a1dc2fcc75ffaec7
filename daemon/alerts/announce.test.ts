import { expect, test } from "bun:test";
import { announce } from "./announce.ts";
import type { Due } from "./incidents/advance.ts";
import { type Incident, newIncident } from "./incidents/incident.ts";
import { parseMatchers } from "./incidents/matcher.ts";
import type { Route } from "./routes.ts";
import { fault } from "./testing/clock.ts";

const NOW = 1_700_000_000_000;
const STATUS = "http://127.0.0.1:9402/";
const email: Route = { channel: "email", matchers: [] };
const webhook: Route = { channel: "webhook", matchers: [] };

function firing(id: number, kind: string, labels: Record<string, string> = {}): Incident {
  return { ...newIncident(fault(kind, labels), id, NOW - 30_000), state: "firing", firedAtMs: NOW, thread: "i1-t0" };
}

function due(...incidents: readonly Incident[]): Due {
  return { event: "firing", thread: "i1-t0", incidents };
}

test("a message says what happened to which incidents, since when, and names what is only a consequence", () => {
  const cause = firing(1, "kafka-unreachable");
  const muted = { ...firing(2, "sink-lag"), mutedBy: cause.fingerprint };
  const over = { ...firing(3, "run-overdue"), mutedBy: cause.fingerprint, state: "resolved" as const };
  const [announced, ...others] = announce(due(cause), [cause, muted, over], [email], NOW, STATUS);
  expect(others).toEqual([]);
  expect(announced?.channels).toEqual(["email"]);
  expect(announced?.notification).toMatchObject({
    ...{ event: "firing", group: "i1-t0", createdAtMs: NOW, statusUrl: STATUS },
    incidents: [{ id: 1, kind: "kafka-unreachable", startedAtMs: NOW - 30_000, consequences: ["sink-lag is here"] }],
  });
});

test("channels that tell of the same share one message; those that tell of something else have one of their own", () => {
  const [one, other] = [firing(1, "slot-missing"), firing(2, "divergence", { table: "clicks" })];
  const pager: Route = { channel: "pager", matchers: parseMatchers("kind=divergence") };
  const announced = announce(due(one, other), [one, other], [email, pager, webhook], NOW, null);
  expect(announced.map(({ channels, notification }) => [channels, notification.incidents.map(({ id }) => id)])).toEqual(
    [
      [
        ["email", "webhook"],
        [1, 2],
      ],
      [["pager"], [2]],
    ],
  );
  expect(new Set(announced.map(({ notification }) => notification.id)).size).toBe(2);
});

test("the same message has the same id, however often it is made; another time, event or thread has another", () => {
  const one = firing(1, "slot-missing");
  const idOf = (change: Partial<Due>, nowMs = NOW) =>
    announce({ ...due(one), ...change }, [one], [email, webhook], nowMs, null)[0]?.notification.id ?? "";
  expect(idOf({})).toBe(idOf({}));
  expect(idOf({})).toMatch(/^[\w-]{1,100}$/);
  const ids = [idOf({}), idOf({}, NOW + 1), idOf({ event: "repeat" }), idOf({ thread: "i2-t0" })];
  expect(new Set(ids).size).toBe(ids.length);
});

test("what no channel tells of makes no message", () => {
  const one = firing(1, "slot-missing");
  expect(
    announce(due(one), [one], [{ channel: "email", matchers: parseMatchers("severity=warning") }], NOW, null),
  ).toEqual([]);
  expect(announce(due(one), [one], [], NOW, null)).toEqual([]);
});
