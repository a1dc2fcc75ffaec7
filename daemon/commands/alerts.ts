import { type Command, option, toggle } from "../../src/command.ts";
import { ExitCode } from "../../src/errors.ts";
import { parseInteger } from "../../src/settings.ts";
import { incidentView, type Told } from "../alerts/incidents/view.ts";
import { manyLines, oneLine } from "../alerts/text.ts";
import { durationText, isoTime } from "../alerts/time.ts";
import { readEnded, readOpen } from "../store/incidents.ts";
import { readTold } from "../store/told.ts";
import type { IncidentDetail } from "../web/api.ts";
import { storeSettings, withStore } from "./store.ts";

/** Longer than incidents are kept. */
const ALWAYS_MS = 100 * 86_400_000;
const LISTED = 10;

const options = {
  limit: option<number>(
    "N",
    `how many that are over (default ${LISTED}); those that are open are all listed`,
    LISTED,
    (text) => parseInteger(text, 0, 1_000),
  ),
  json: toggle("print them as JSON, with their history"),
};

export const alerts: Command<typeof options> = {
  name: "watchdog alerts",
  summary:
    "Prints the incidents that are open, then the latest that are over. Exits with 0 when none fires, 1 when one does.",
  options,
  settings: storeSettings,
  run: async ({ config, options }) => {
    const all = await withStore(config, async (sql) =>
      readTold(sql, [...(await readOpen(sql)), ...(await readEnded(sql, ALWAYS_MS, options.limit))]),
    );
    const firing = all.filter(({ incident }) => incident.state === "firing").length;
    console.log(options.json ? JSON.stringify({ firing, incidents: all.map(asJson) }) : asText(all, Date.now()));
    return firing === 0 ? ExitCode.done : ExitCode.failure;
  },
};

function asText(all: readonly Told[], nowMs: number): string {
  if (!all.some(({ incident }) => incident.state !== "resolved")) {
    return ["nothing is wrong", ...all.map((one) => incidentText(one, nowMs))].join("\n");
  }
  return all.map((one) => incidentText(one, nowMs)).join("\n");
}

function incidentText({ incident, silence }: Told, nowMs: number): string {
  const { id, state, severity, kind, labels, firstSeenAtMs, resolvedAtMs, mutedBy, toldAtMs, acknowledged } = incident;
  const about = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const times =
    resolvedAtMs === null
      ? `since ${isoTime(firstSeenAtMs)} (${durationText(nowMs - firstSeenAtMs)})`
      : `from ${isoTime(firstSeenAtMs)} to ${isoTime(resolvedAtMs)} (${durationText(resolvedAtMs - firstSeenAtMs)})`;
  const lines = [
    incident.summary,
    times,
    ...(mutedBy === null ? [] : [`not told: taken for a consequence of ${mutedBy}`]),
    ...(silence === undefined
      ? []
      : [`silenced by ${silence.id} (${silence.author}: ${silence.reason}) until ${isoTime(silence.endsAtMs)}`]),
    ...(toldAtMs === null ? ["nobody was told"] : [`told ${isoTime(toldAtMs)}`]),
    ...(acknowledged === null ? [] : [`acknowledged by ${acknowledged.by} ${isoTime(acknowledged.atMs)}`]),
  ].map((line) => oneLine(line, 700));
  const todo =
    state === "resolved" || incident.remedy === "" ? [] : manyLines(`do: ${incident.remedy}`, 1_000).split("\n");
  const shown = state === "firing" ? "FIRING" : state;
  const head = oneLine(`${shown.padEnd(8)} #${id} ${kind} ${severity} ${about.join(" ")}`, 500);
  return [head, ...[...lines, ...todo].map((line) => `         ${line}`)].join("\n");
}

function asJson(told: Told): IncidentDetail & { readonly toldAt: string | null } {
  const { toldAtMs } = told.incident;
  return { ...incidentView(told), toldAt: toldAtMs === null ? null : new Date(toldAtMs).toISOString() };
}
