import type { Config } from "../../src/config.ts";
import type { Postgres } from "../../src/postgres.ts";
import {
  countEndings,
  dropIncidents,
  forgetOldIncidents,
  keepIncidents,
  newIds,
  noteHistory,
  readEnded,
  readOpen,
} from "../store/incidents.ts";
import { enqueue } from "../store/outbox.ts";
import { readSilences } from "../store/silences.ts";
import { announce } from "./announce.ts";
import {
  type Advance,
  advance,
  CAUSE_LINGERS_MS,
  type Look,
  type Policy,
  unknownFindings,
} from "./incidents/advance.ts";
import type { Incident } from "./incidents/incident.ts";
import { isSilenced, type Silence } from "./incidents/silence.ts";
import type { Route } from "./routes.ts";

/** Any constant that no other program locks in this database: "aler" in ASCII. */
const LOCK = 0x616c6572;

export type Applied = Advance & {
  readonly silences: readonly Silence[];
  /** Incidents whose state changed, as they were. */
  readonly before: ReadonlyMap<string, Incident>;
};

export function policyOf(config: Pick<Config, "alertGroupSeconds" | "alertRepeatMinutes">): Policy {
  return { groupMs: config.alertGroupSeconds * 1000, repeatMs: config.alertRepeatMinutes * 60_000 };
}

/**
 * Takes a look into the incidents: in one transaction their new state, their history, and the messages that it makes due.
 */
export async function applyLook(
  sql: Postgres,
  config: Config,
  look: Look,
  routes: readonly Route[],
  statusUrl: string | null,
): Promise<Applied> {
  return sql.begin(async (transaction) => {
    // postgres types a transaction as something else than a connection, though it is called like one.
    const within = transaction as unknown as Postgres;
    await within`SELECT pg_advisory_xact_lock(${LOCK})`;
    const open = await readOpen(within);
    const silences = await readSilences(within);
    const nowMs = Date.now();
    const past = {
      silences,
      endings: await countEndings(within),
      ended: await readEnded(within, CAUSE_LINGERS_MS),
    };
    const ids = await newIds(within, unknownFindings(open, look).length);
    const result = advance(open, look, past, ids, nowMs, policyOf(config));
    const before = new Map(open.map((incident) => [incident.fingerprint, incident]));
    await keepIncidents(within, result.incidents);
    await dropIncidents(
      within,
      result.dropped.flatMap(({ id }) => (id === null ? [] : [id])),
    );
    for (const incident of result.incidents) {
      for (const [what, detail] of changes(before.get(incident.fingerprint), incident, silences, nowMs)) {
        if (incident.id !== null) await noteHistory(within, incident.id, what, detail);
      }
    }
    for (const due of result.due) {
      for (const { notification, channels } of announce(due, result.incidents, routes, nowMs, statusUrl)) {
        await enqueue(within, notification, channels);
      }
    }
    if (result.due.length > 0) await forgetOldIncidents(within);
    return { ...result, silences, before };
  }) as Promise<Applied>;
}

/** What to note of an incident's change; pure. */
export function changes(
  before: Incident | undefined,
  now: Incident,
  silences: readonly Silence[],
  nowMs: number,
): readonly (readonly [what: string, detail: string])[] {
  const noted: [string, string][] = [];
  if (before === undefined) noted.push(["seen", now.summary]);
  if (now.state === "firing" && before?.state !== "firing") noted.push(["firing", now.summary]);
  const mutedBefore = before?.mutedBy ?? null;
  if (now.mutedBy !== null && now.mutedBy !== mutedBefore) noted.push(["muted", now.mutedBy]);
  if (now.mutedBy === null && mutedBefore !== null) noted.push(["unmuted", ""]);
  if (now.toldAtMs !== null && now.toldAtMs !== (before?.toldAtMs ?? null)) noted.push(["told", now.thread ?? ""]);
  if (now.state === "resolved") noted.push(["resolved", isSilenced(silences, now, nowMs) ? "silenced" : ""]);
  return noted;
}
