import type { Config } from "./config.ts";

const levels = ["debug", "info", "warn", "error"] as const;
type Level = (typeof levels)[number];
type Fields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Writes lines to stderr. Fields name things and count them; never a secret, never a row's value. */
export type Log = { [L in Level]: (message: string, fields?: Fields) => void };

/**
 * A logger for one program (`sink`, `replay`, ...). pino's workers fail on Bun, so lines are written plainly.
 * @param write takes one line, without its end
 */
export function createLog(
  program: string,
  config: Pick<Config, "logFormat" | "logLevel">,
  write: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
): Log {
  const least = levels.indexOf(config.logLevel);
  const at =
    (level: Level) =>
    (message: string, fields: Fields = {}) => {
      if (levels.indexOf(level) < least) return;
      write(format(config.logFormat, program, level, message, fields));
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** A logger that drops everything, for tests and quiet commands. */
export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function format(style: "text" | "json", program: string, level: Level, message: string, fields: Fields): string {
  const time = new Date().toISOString();
  if (style === "json") return JSON.stringify({ time, level, program, message, ...fields });
  const known = Object.entries(fields).filter(([, value]) => value !== undefined);
  const pairs = known.map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  return `${time} ${level.padEnd(5)} ${program}: ${message}${pairs.join("")}`;
}
