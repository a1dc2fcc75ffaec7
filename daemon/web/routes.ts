import { join } from "node:path";
import type { Client } from "@elastic/elasticsearch";
import type { Config } from "../../src/config.ts";
import type { Postgres } from "../../src/postgres.ts";
import type { Table } from "../../src/tables.ts";
import { acknowledgeIncident } from "../store/acknowledgements.ts";
import { Content, send } from "./answer/content.ts";
import { Failure } from "./answer/failure.ts";
import { SECURITY_HEADERS } from "./answer/headers.ts";
import { SharedAnswers } from "./answer/shared.ts";
import { Fields, readFields } from "./body/fields.ts";
import { readSilence } from "./body/silence.ts";
import { readSpan } from "./body/span.ts";
import { readWanted } from "./body/work.ts";
import { columnsOf } from "./buckets/columns.ts";
import { readEvidence } from "./buckets/evidence.ts";
import { readHeatMap } from "./buckets/heat-map.ts";
import { caveatsOf } from "./dashboard/caveats.ts";
import { readDashboard } from "./dashboard/dashboard.ts";
import { STEP_MS, toSteps } from "./dashboard/span.ts";
import type { Events } from "./events.ts";
import { findIncident, listIncidents } from "./incidents/incidents.ts";
import { endSilence, listSilences, silence } from "./incidents/silences.ts";
import type { Call, Route } from "./route.ts";
import { readRuns } from "./runs.ts";
import type { StatusSource } from "./status/source.ts";
import type { Work } from "./work/work.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** All of the time that buckets cover. */
const EVER_MS = 293 * 366 * DAY_MS;
const DASHBOARD_MS = 92 * DAY_MS;
const COLUMNS = { usual: 60, max: 500 };
const LISTED = { usual: 100, max: 1_000 };
const MAX_ID = Number.MAX_SAFE_INTEGER;

export type RouteParts = {
  readonly config: Config;
  readonly tables: readonly Table[];
  readonly sql: Postgres;
  readonly client: Client;
  readonly status: StatusSource;
  readonly events: Events;
  readonly work: Work;
};

/** The API. Each address and method is in `openapi.json` too, which a test holds against this. */
export function apiRoutes(parts: RouteParts): readonly Route[] {
  const { config, tables, sql, client, status, events, work } = parts;
  const answers = new SharedAnswers();
  const get = (
    path: string,
    question: (call: Call) => { text: string; read: () => Promise<unknown>; keepMs?: number },
  ) =>
    ({
      method: "GET",
      path,
      access: "reader",
      handle: async (call) => {
        const { text, read, keepMs } = question(call);
        return send(call.request, await answers.get(`${path} ${text}`, read, keepMs));
      },
    }) satisfies Route;
  const change = (method: "POST" | "DELETE", path: string, handle: (call: Call) => Promise<Response>): Route => ({
    method,
    path,
    access: "person",
    handle: async (call) => {
      const response = await handle(call);
      answers.forget();
      return response;
    },
  });
  const begin = (kind: "check" | "heal") =>
    change("POST", `/api/${kind}`, async ({ request }) => {
      work.begin(kind, readWanted(await readFields(request), tables));
      return send(request, Content.json({ begun: kind }), 202);
    });

  return [
    {
      method: "GET",
      path: "/api/status",
      access: "reader",
      handle: async ({ request }) => send(request, await status.content()),
    },
    {
      method: "GET",
      path: "/api/events",
      access: "reader",
      handle: ({ keepOpen }) => {
        const stream = events.open();
        if (stream === undefined) throw new Failure(503, "too many pages are open", "another one to be closed");
        keepOpen();
        const headers = {
          ...SECURITY_HEADERS,
          "content-type": "text/event-stream; charset=utf-8",
          "cache-control": "no-store",
          // nginx would hold the stream back.
          "x-accel-buffering": "no",
        };
        return new Response(stream, { headers });
      },
    },
    get("/api/openapi.json", () => ({ text: "", read: () => Bun.file(join(import.meta.dir, "openapi.json")).json() })),
    get("/api/buckets", ({ request }) => {
      const fields = Fields.ofQuery(request.url);
      const { fromMs, toMs } = readSpan(fields, HOUR_MS, EVER_MS);
      const count = fields.optionalInteger("columns", 1, COLUMNS.max) ?? COLUMNS.usual;
      fields.end();
      const columns = columnsOf(fromMs, toMs, count, config.watchdogBucketSeconds * 1000);
      return { text: JSON.stringify(columns), read: () => readHeatMap(sql, config, tables, columns) };
    }),
    get("/api/buckets/{table}", ({ request, params }) => {
      const table = tables.find(({ name }) => name === params.table);
      if (table === undefined) {
        throw new Failure(404, "no such table is declared", tables.map(({ name }) => name).join(", "));
      }
      const fields = Fields.ofQuery(request.url);
      const { fromMs, toMs } = readSpan(fields, EVER_MS, EVER_MS);
      fields.end();
      return {
        text: `${table.name} ${fromMs} ${toMs}`,
        read: () => readEvidence(sql, config, table, fromMs, toMs),
      };
    }),
    get("/api/incidents", ({ request }) => {
      const limit = limitOf(request);
      return { text: String(limit), read: () => listIncidents(sql, limit) };
    }),
    get("/api/incidents/{id}", ({ params }) => {
      const id = idOf(params);
      return { text: String(id), read: async () => found(await findIncident(sql, id), "incident") };
    }),
    change("POST", "/api/incidents/{id}/acknowledge", async ({ request, params }) => {
      const id = idOf(params);
      const fields = await readFields(request);
      const by = fields.optionalText("by", 100) ?? "somebody on the page";
      fields.end();
      const { outcome } = await acknowledgeIncident(sql, id, by);
      if (outcome === "over") throw new Failure(409, "the incident is over", "one that is open");
      return send(request, Content.json(found(await findIncident(sql, id), "incident")));
    }),
    get("/api/silences", () => ({ text: "", read: () => listSilences(sql) })),
    change("POST", "/api/silences", async ({ request }) => {
      return send(request, Content.json(await silence(sql, readSilence(await readFields(request)))), 201);
    }),
    change("DELETE", "/api/silences/{id}", async ({ request, params }) => {
      return send(request, Content.json(found(await endSilence(sql, idOf(params)), "silence")), 200);
    }),
    get("/api/runs", ({ request }) => {
      const fields = Fields.ofQuery(request.url);
      const limit = fields.optionalInteger("limit", 1, LISTED.max) ?? LISTED.usual;
      const kind = fields.optionalChoice("kind", ["recent", "scrub", "check"]);
      const names = tables.map(({ name }) => name);
      const table = fields.optionalChoice("table", names);
      fields.end();
      return { text: `${limit} ${kind} ${table}`, read: () => readRuns(sql, { kind, table, limit }) };
    }),
    begin("check"),
    begin("heal"),
    get("/api/dashboard", ({ request }) => {
      const fields = Fields.ofQuery(request.url);
      const asked = readSpan(fields, HOUR_MS, DASHBOARD_MS);
      fields.end();
      const span = toSteps(asked.fromMs, asked.toMs);
      const read = async () => {
        const [figures] = await Promise.all([readDashboard(client, config, tables, span), status.read()]);
        return { ...figures, caveats: caveatsOf(status.lastTables(), config.healMode, status.isPostgresAway) };
      };
      return { text: JSON.stringify(span), read, keepMs: STEP_MS };
    }),
  ];
}

function limitOf(request: Request): number {
  const fields = Fields.ofQuery(request.url);
  const limit = fields.optionalInteger("limit", 1, LISTED.max) ?? LISTED.usual;
  fields.end();
  return limit;
}

function idOf(params: Readonly<Record<string, string>>): number {
  return new Fields(params).integer("id", 1, MAX_ID);
}

function found<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new Failure(404, `there is no such ${what}`);
  return value;
}
