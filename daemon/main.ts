import { runCommand } from "../src/command.ts";
import { check } from "./commands/check.ts";
import { heal } from "./commands/heal.ts";
import { run } from "./commands/run.ts";
import { status } from "./commands/status.ts";
import { testAlert } from "./commands/test-alert.ts";

/** `bun run watchdog [COMMAND] ...`: without a command it is the daemon. */
const [, , name] = process.argv;
switch (name) {
  case "check":
    process.argv.splice(2, 1);
    await runCommand(check);
    break;
  case "heal":
    process.argv.splice(2, 1);
    await runCommand(heal);
    break;
  case "status":
    process.argv.splice(2, 1);
    await runCommand(status);
    break;
  case "test-alert":
    process.argv.splice(2, 1);
    await runCommand(testAlert);
    break;
  default:
    await runCommand(run);
}
