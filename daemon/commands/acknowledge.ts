import { type Command, option } from "../../src/command.ts";
import { ExitCode, OperationError, UsageError } from "../../src/errors.ts";
import { oneLine } from "../alerts/text.ts";
import { isoTime } from "../alerts/time.ts";
import { acknowledgeIncident } from "../store/acknowledgements.ts";
import { parseId } from "./parse-id.ts";
import { storeSettings, withStore } from "./store.ts";
import { userName } from "./user-name.ts";

const MAX_NAME = 100;

const options = {
  by: option<string | undefined>("NAME", "who acknowledges (default: the user's name)", undefined, (text) => text),
};

export const acknowledge: Command<typeof options> = {
  name: "watchdog acknowledge",
  positionals: "ID",
  summary: "Stops the repeated messages of an incident: somebody knows of it. Its end is still told.",
  options,
  settings: storeSettings,
  run: async ({ config, options, positionals }) => {
    const id = idOf(positionals);
    const by = oneLine(options.by ?? userName(), MAX_NAME);
    if (by === "") throw new UsageError(["--by: expected a name"]);
    const result = await withStore(config, (sql) => acknowledgeIncident(sql, id, by));
    switch (result.outcome) {
      case "unknown":
        throw new OperationError(`there is no incident ${id}; see: bun run watchdog alerts`);
      case "over":
        throw new OperationError(`incident ${id} is over: there is nothing to acknowledge`);
      case "already":
        console.log(`incident ${id} was acknowledged by ${result.by} at ${isoTime(result.atMs)}`);
        return ExitCode.done;
      case "acknowledged":
        console.log(`incident ${id} is acknowledged by ${result.by}: no repeats; its end will be told`);
        return ExitCode.done;
    }
  },
};

function idOf(positionals: readonly string[]): number {
  const [text, ...others] = positionals;
  if (text === undefined || others.length > 0) {
    throw new UsageError(["expected one id, as bun run watchdog alerts prints it"]);
  }
  try {
    return parseId(text);
  } catch (error) {
    throw new UsageError([(error as Error).message]);
  }
}
