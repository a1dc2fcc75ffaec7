import { runCommand } from "../src/command.ts";
import { acknowledge } from "./commands/acknowledge.ts";
import { alerts } from "./commands/alerts.ts";
import { check } from "./commands/check.ts";
import { heal } from "./commands/heal.ts";
import { run } from "./commands/run.ts";
import { silence } from "./commands/silence.ts";
import { status } from "./commands/status.ts";
import { testAlert } from "./commands/test-alert.ts";

const commands: ReadonlyMap<string | undefined, () => Promise<never>> = new Map([
  ["acknowledge", () => runCommand(acknowledge)],
  ["alerts", () => runCommand(alerts)],
  ["check", () => runCommand(check)],
  ["heal", () => runCommand(heal)],
  ["silence", () => runCommand(silence)],
  ["status", () => runCommand(status)],
  ["test-alert", () => runCommand(testAlert)],
]);

/** `bun run watchdog [COMMAND] ...`: without a command it is the daemon. */
const chosen = commands.get(process.argv[2]);
if (chosen !== undefined) process.argv.splice(2, 1);
await (chosen ?? (() => runCommand(run)))();
