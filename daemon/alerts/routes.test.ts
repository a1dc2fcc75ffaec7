import { expect, test } from "bun:test";
import { UsageError } from "../../src/errors.ts";
import { newIncident } from "./incidents/incident.ts";
import { parseMatchers } from "./incidents/matcher.ts";
import { type Route, routesOf, shareOut } from "./routes.ts";
import { fault } from "./testing/clock.ts";

const incident = (kind: string, labels: Record<string, string> = {}) => newIncident(fault(kind, labels), 1, 0);
const route = (channel: string, matchers = ""): Route => ({ channel, matchers: parseMatchers(matchers) });
const shares = (kinds: readonly ReturnType<typeof incident>[], ...routes: readonly Route[]) =>
  shareOut(kinds, routes).map(({ channels, incidents }) => [channels, incidents.map(({ kind }) => kind)]);

test("each channel has the matchers of its own setting; without any it tells of everything", () => {
  const config = { alertEmailRoute: "severity=critical, kind=~slot-.*", alertWebhookRoute: "" };
  expect(routesOf(config, ["email", "webhook"])).toEqual([
    { channel: "email", matchers: parseMatchers("severity=critical,kind=~slot-.*") },
    { channel: "webhook", matchers: [] },
  ]);
});

test("a setting that is no list of matchers is a mistake of usage that names it", () => {
  const wrong = () => routesOf({ alertEmailRoute: "", alertWebhookRoute: "critical" }, ["email", "webhook"]);
  expect(wrong).toThrow(UsageError);
  expect(wrong).toThrow("ALERT_WEBHOOK_ROUTE: expected NAME=VALUE");
});

const slot = incident("slot-missing");
const clicks = incident("divergence", { table: "clicks" });

test("channels that tell of the same are one share, in the order of their routes", () => {
  expect(shares([slot, clicks], route("email"), route("pager", "kind=~slot-.*"), route("webhook"))).toEqual([
    [
      ["email", "webhook"],
      ["slot-missing", "divergence"],
    ],
    [["pager"], ["slot-missing"]],
  ]);
});

test("a channel that tells of nothing has no share", () => {
  expect(shares([slot], route("email", "table=clicks"), route("webhook", "kind=slot-missing"))).toEqual([
    [["webhook"], ["slot-missing"]],
  ]);
  expect(shares([], route("email"))).toEqual([]);
});

test("that a channel fails is told by the others, and by itself no more than what else there is", () => {
  const failing = incident("channel-failing", { channel: "email" });
  expect(shares([failing], route("email"), route("webhook"))).toEqual([[["webhook"], ["channel-failing"]]]);
  expect(shares([failing], route("email"))).toEqual([]);
  expect(shares([failing, slot], route("email"), route("webhook"))).toEqual([
    [["email"], ["slot-missing"]],
    [["webhook"], ["channel-failing", "slot-missing"]],
  ]);
});
