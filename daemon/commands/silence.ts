import { type Command, option, toggle } from "../../src/command.ts";
import type { Config } from "../../src/config.ts";
import { ExitCode, OperationError, UsageError } from "../../src/errors.ts";
import { type Matcher, matcherText, matches, parseMatchers } from "../alerts/incidents/matcher.ts";
import type { Silence } from "../alerts/incidents/silence.ts";
import { silenceView } from "../alerts/incidents/view.ts";
import { oneLine } from "../alerts/text.ts";
import { durationText, isoTime } from "../alerts/time.ts";
import { readOpen } from "../store/incidents.ts";
import { addSilence, expireSilence, readSilences } from "../store/silences.ts";
import { parseDuration } from "./duration.ts";
import { parseId } from "./parse-id.ts";
import { storeSettings, withStore } from "./store.ts";
import { userName } from "./user-name.ts";

const MAX_AUTHOR = 100;
const MAX_REASON = 500;

const options = {
  for: option<number | undefined>("TIME", "add: how long, such as 30m, 2h or 1d", undefined, parseDuration),
  reason: option<string | undefined>("TEXT", "add: why", undefined, (text) => text),
  author: option<string | undefined>("NAME", "add: who (default: the user's name)", undefined, (text) => text),
  ended: toggle("list: those that have ended as well"),
  json: toggle("add and list: print JSON"),
};

type Options = { readonly [Name in keyof typeof options]: (typeof options)[Name]["default"] };

/** A silence as it is asked for. */
type Asked = Omit<Silence, "id" | "startsAtMs" | "endsAtMs"> & { readonly durationMs: number };

export const silence: Command<typeof options> = {
  name: "watchdog silence",
  positionals: "add MATCHER... --for TIME --reason TEXT | list | expire ID",
  summary:
    "Holds back the messages of faults that match (kind=slot-missing table=~clicks|transactions), until a silence ends.",
  options,
  settings: storeSettings,
  run: async ({ config, options, positionals }) => {
    const [action, ...rest] = positionals;
    if (action === "add") return add(config, askedOf(rest, options), options.json);
    if (action === "list" && rest.length === 0) return list(config, options);
    if (action === "expire" && rest.length === 1) return expire(config, idOf(rest[0] ?? ""));
    throw new UsageError([`${positionals.join(" ") || "nothing"}: expected add MATCHER..., list, or expire ID`]);
  },
};

async function add(config: Config, asked: Asked, json: boolean): Promise<ExitCode> {
  const { id, covered } = await withStore(config, async (sql) => ({
    id: await addSilence(sql, asked),
    covered: (await readOpen(sql)).filter((incident) => matches(asked.matchers, incident)),
  }));
  const now = covered.map((incident) => `#${incident.id} ${incident.kind}`);
  console.error(
    `silent for ${durationText(asked.durationMs)}; of what is open this covers ${oneLine(now.join(", "), 500) || "nothing"}`,
  );
  console.log(json ? JSON.stringify({ id, covers: covered.map((incident) => incident.id) }) : String(id));
  return ExitCode.done;
}

async function list(config: Config, { ended, json }: Pick<Options, "ended" | "json">): Promise<ExitCode> {
  const silences = await withStore(config, (sql) => readSilences(sql, { ended }));
  const text = silences.map((one) => asText(one, Date.now())).join("\n");
  console.log(json ? JSON.stringify({ silences: silences.map(silenceView) }) : text || "no silence is in force");
  return ExitCode.done;
}

async function expire(config: Config, id: number): Promise<ExitCode> {
  if (!(await withStore(config, (sql) => expireSilence(sql, id)))) {
    throw new OperationError(`no silence ${id} is in force; see: bun run watchdog silence list`);
  }
  console.log(`silence ${id} has ended`);
  return ExitCode.done;
}

/** @throws UsageError with every mistake at once */
function askedOf(texts: readonly string[], options: Options): Asked {
  const mistakes: string[] = [];
  const matchers = texts.flatMap((text) => {
    try {
      return parseMatchers(text);
    } catch (error) {
      mistakes.push((error as Error).message);
      return [];
    }
  });
  const { for: durationMs = 0 } = options;
  const [author, reason] = [
    oneLine(options.author ?? userName(), MAX_AUTHOR),
    oneLine(options.reason ?? "", MAX_REASON),
  ];
  if (mistakes.length === 0 && !matchers.some(isNarrow)) {
    mistakes.push("expected a matcher that not everything fits, such as kind=slot-missing or severity=~.+");
  }
  if (durationMs === 0) mistakes.push("--for: expected how long, such as 2h");
  if (reason === "") mistakes.push("--reason: expected why");
  if (author === "") mistakes.push("--author: expected a name");
  if (mistakes.length > 0) throw new UsageError(mistakes);
  return { matchers, author, reason, durationMs };
}

/** As Alertmanager demands of one matcher at least: that it does not fit an empty text. */
function isNarrow(matcher: Matcher): boolean {
  return !matches([{ ...matcher, name: "nothing" }], { kind: "", severity: "warning", labels: {} });
}

function idOf(text: string): number {
  try {
    return parseId(text);
  } catch (error) {
    throw new UsageError([`expire: ${(error as Error).message}`]);
  }
}

function asText({ id, matchers, author, reason, endsAtMs }: Silence, nowMs: number): string {
  const left =
    endsAtMs > nowMs
      ? `until ${isoTime(endsAtMs)}, ${durationText(endsAtMs - nowMs)} more`
      : `ended ${isoTime(endsAtMs)}`;
  return `${String(id).padEnd(5)} ${matchers.map(matcherText).join(" ")}\n      ${left}; ${oneLine(`${author}: ${reason}`, 700)}`;
}
