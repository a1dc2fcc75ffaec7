import { beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { applyLook } from "../../daemon/alerts/apply.ts";
import { newIncident } from "../../daemon/alerts/incidents/incident.ts";
import { withStore } from "../../daemon/commands/store.ts";
import type { Finding } from "../../daemon/finding.ts";
import { keepIncidents, newIds } from "../../daemon/store/incidents.ts";
import type { IncidentDetail, SilenceView } from "../../daemon/web/api.ts";
import { type Config, resolveConfig, toEnvironment } from "../../src/config.ts";
import { createDatabase, type Database } from "../pipeline.ts";
import { STACK_TIMEOUT_MS, testEndpoints, testStack } from "./fixture.ts";
import { watchLog } from "./logs.ts";

beforeAll(async () => {
  await testStack();
}, STACK_TIMEOUT_MS);

const KINDS = ["slot-missing", "divergence", "dead-letters"];

function fault(kind: string, labels: Record<string, string>): Finding {
  return { kind, severity: "critical", labels, summary: `${kind} \u001b[31mis here`, facts: {}, remedy: "mend it" };
}

/** Takes a look as the daemon would, without waiting for others to join a message; returns what it made due. */
async function look({ config }: Database, findings: readonly Finding[], repeatMinutes = 240) {
  const hasty: Config = { ...config, alertGroupSeconds: 0, alertRepeatMinutes: repeatMinutes };
  const { due } = await withStore(hasty, (sql) =>
    applyLook(sql, hasty, { covers: new Set(KINDS), findings }, [], null),
  );
  return due.map(({ event, incidents }) => `${event} ${incidents.map(({ kind }) => kind).join(" ")}`);
}

async function watchdog({ config }: Pick<Database, "config">, ...args: string[]) {
  const child = Bun.spawn([process.execPath, "--smol", join(import.meta.dir, "../../daemon/main.ts"), ...args], {
    env: { PATH: process.env.PATH ?? "", ...toEnvironment(config) },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [output, messages] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  watchLog("watchdog command", output + messages);
  return { code: await child.exited, output: output.trim(), messages };
}

async function readAlerts(database: Database, ...args: string[]) {
  const { code, output } = await watchdog(database, "alerts", "--json", ...args);
  const parsed = JSON.parse(output) as { firing: number; incidents: (IncidentDetail & { toldAt: string | null })[] };
  return { code, ...parsed };
}

test("alerts tells what fires, what is muted or silenced by what, who was told, and what is over", async () => {
  await using database = await createDatabase(await testEndpoints());
  const { sql } = database;
  const [quiet, usage] = await Promise.all([watchdog(database, "alerts"), watchdog(database, "alert")]);
  expect(quiet).toMatchObject({ code: 0, output: "nothing is wrong" });
  expect(usage).toMatchObject({ code: 2, messages: expect.stringContaining("alert: no such command") });

  const over = { state: "resolved", firedAtMs: 1_000, resolvedAtMs: Date.now() - 60_000, thread: "t" } as const;
  const ids = await newIds(sql, 2);
  await keepIncidents(
    sql,
    ids.map((id) => ({ ...newIncident(fault("dead-letters", { table: `t${id}` }), id, Date.now() - 90_000), ...over })),
  );
  const found = [fault("slot-missing", { slot: "s" }), fault("divergence", { table: "clicks" })];
  expect(await look(database, found)).toEqual(["firing slot-missing"]);

  const { code, firing, incidents } = await readAlerts(database, "--limit", "1");
  expect({ code, firing }).toEqual({ code: 1, firing: 2 });
  expect(incidents).toMatchObject([
    { kind: "slot-missing", state: "firing", mutedBy: null, toldAt: expect.any(String), resolvedAt: null },
    { kind: "divergence", state: "firing", mutedBy: 'slot-missing{slot="s"}', toldAt: null },
    { id: ids[1], kind: "dead-letters", state: "resolved", resolvedAt: expect.any(String) },
  ]);
  expect(incidents[0]?.history.map(({ what }) => what)).toEqual(["seen", "firing", "told"]);

  const { output } = await watchdog(database, "alerts");
  expect(output).toMatch(/^FIRING +#\d+ slot-missing critical slot=s\n/);
  expect(output).toContain('not told: taken for a consequence of slot-missing{slot="s"}');
  expect(output).toContain("do: mend it");
  expect(output.match(/^resolved +#/gm)).toHaveLength(2);
  expect(output).not.toContain("\u001b");
}, 60_000);

test("a silence holds messages back from when it is added until it is expired, and says what it covers", async () => {
  await using database = await createDatabase(await testEndpoints());
  const found = [fault("divergence", { table: "clicks" }), fault("divergence", { table: "products" })];
  const wrong = await watchdog(database, "silence", "add", "table", "kind=~(", "--for", "2h");
  expect(wrong).toMatchObject({ code: 2, output: "" });
  for (const said of ["expected NAME=VALUE", "expected a regular expression", "--reason: expected why"]) {
    expect(wrong.messages).toContain(said);
  }
  const everything = await watchdog(database, "silence", "add", "kind=~.*", "--for", "2h", "--reason", "all");
  expect(everything).toMatchObject({ code: 2, messages: expect.stringContaining("not everything fits") });

  const asked = [
    "kind=divergence",
    "table=~clicks|transactions",
    "--for",
    "2h",
    "--reason",
    "a move",
    "--author",
    "ann",
  ];
  const { code, output: id } = await watchdog(database, "silence", "add", ...asked);
  expect(code).toBe(0);
  expect(id).toMatch(/^\d+$/);
  expect(await look(database, found)).toEqual(["firing divergence"]);
  const { incidents } = await readAlerts(database);
  expect(incidents.map(({ labels, silencedBy }) => [labels.table, silencedBy])).toEqual([
    ["clicks", Number(id)],
    ["products", null],
  ]);

  const listed = await watchdog(database, "silence", "list", "--json");
  const [own] = (JSON.parse(listed.output) as { silences: SilenceView[] }).silences;
  expect(own).toMatchObject({
    ...{ id: Number(id), author: "ann", reason: "a move" },
    matchers: ["kind=divergence", "table=~clicks|transactions"],
  });
  expect(Date.parse(own?.endsAt ?? "") - Date.parse(own?.startsAt ?? "")).toBeWithin(7_190_000, 7_210_000);

  expect((await watchdog(database, "silence", "expire", id)).code).toBe(0);
  expect(await look(database, found)).toEqual(["firing divergence"]);
  const [again, active, ended] = await Promise.all([
    watchdog(database, "silence", "expire", id),
    watchdog(database, "silence", "list"),
    watchdog(database, "silence", "list", "--ended"),
  ]);
  expect(again).toMatchObject({ code: 1, messages: expect.stringContaining("is in force") });
  expect(active.output).toBe("no silence is in force");
  expect(ended.output).toMatch(/kind=divergence table=~clicks\|transactions\n +ended .*ann: a move/);
}, 60_000);

test("what is acknowledged is repeated no more; who did it first is noted, and its end is told", async () => {
  await using database = await createDatabase(await testEndpoints());
  const found = [fault("slot-missing", { slot: "s" })];
  await look(database, found);
  expect(await look(database, found, 0)).toEqual(["repeat slot-missing"]);
  const id = String((await readAlerts(database)).incidents[0]?.id);
  expect(await watchdog(database, "acknowledge", id, "--by", "ann")).toMatchObject({ code: 0 });
  expect(await look(database, found, 0)).toEqual([]);
  const second = await watchdog(database, "acknowledge", `#${id}`, "--by", "bob");
  expect(second).toMatchObject({ code: 0, output: expect.stringContaining("was acknowledged by ann") });
  const [incident] = (await readAlerts(database)).incidents;
  expect(incident?.acknowledged?.by).toBe("ann");
  expect(incident?.history.filter(({ what }) => what === "acknowledged")).toMatchObject([{ detail: "ann" }]);
  expect(await watchdog(database, "acknowledge", "99999")).toMatchObject({
    code: 1,
    messages: expect.stringContaining("there is no incident 99999"),
  });
}, 60_000);

test("without PostgreSQL the commands say so, and exit with 3", async () => {
  const config = { ...resolveConfig({}, {}), postgresPort: 1 };
  expect(await watchdog({ config }, "alerts")).toMatchObject({
    code: 3,
    messages: expect.stringContaining("did not answer"),
  });
}, 30_000);
