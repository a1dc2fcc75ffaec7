import { ExitCode } from "../../src/errors.ts";
import type { Check, Status } from "./check.ts";
import type { Examination } from "./examine.ts";

const words: Readonly<Record<Status, string>> = { ok: "ok", warn: "WARN", fail: "FAIL", skip: "skip" };

/** A line for each check; below one that is not well, what was expected and how to mend it. Pure. */
export function reportText(checks: readonly Check[]): string {
  const names = checks.map(nameOf);
  const width = Math.max(...names.map((name) => name.length));
  return checks
    .flatMap(({ status, found, expected, remedy }, position) => [
      `${words[status].padEnd(4)}  ${names[position]?.padEnd(width)}  ${found}`,
      ...(status === "warn" || status === "fail" ? [`      expected: ${expected}`, `      mend: ${remedy}`] : []),
    ])
    .join("\n");
}

function nameOf({ check, labels }: Check): string {
  return [check, ...Object.values(labels)].join(" ");
}

/** How many checks came to what, in one line; pure. */
export function summaryText(checks: readonly Check[]): string {
  const count = (status: Status) => checks.filter((one) => one.status === status).length;
  return `${count("fail")} failed, ${count("warn")} warnings, ${count("skip")} skipped, ${count("ok")} ok`;
}

/** 3 where a server is unreachable, else 1 where something failed, else 0; pure. */
export function exitCodeOf({ checks, unreachable }: Examination): ExitCode {
  if (unreachable.length > 0) return ExitCode.unreachable;
  return checks.some(({ status }) => status === "fail") ? ExitCode.failure : ExitCode.done;
}
