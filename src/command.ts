import { parseArgs } from "node:util";
import { type Config, flagOf, resolveConfig, type SettingName, settings } from "./config.ts";
import { ExitCode, messageOf, OperationError, UnreachableError, UsageError } from "./errors.ts";
import type { Setting } from "./settings.ts";

/** An option of one command alone, without an environment variable. */
export type Option<Value = unknown> = {
  readonly help: string;
  /** Shown after the flag in help; undefined for a switch. */
  readonly value?: string;
  readonly default: Value;
  readonly parse: (text: string) => Value;
};

/** A flag without a value: false unless given. */
export function toggle(help: string): Option<boolean> {
  return { help, default: false, parse: () => true };
}

/** A flag with a value; `parse` throws an Error that says what was expected. */
export function option<Value>(
  value: string,
  help: string,
  fallback: Value,
  parse: (text: string) => Value,
): Option<Value> {
  return { value, help, default: fallback, parse };
}

type Options = Record<string, Option>;
type Parsed<O extends Options> = { readonly [Name in keyof O]: O[Name] extends Option<infer V> ? V : never };

export type Command<O extends Options> = {
  /** As it is typed: `bun run NAME`. */
  readonly name: string;
  readonly summary: string;
  /** What may follow the name, for help: `up|down|status`. */
  readonly positionals?: string;
  readonly options: O;
  /** The settings that matter to this command: its help lists them. All are accepted. */
  readonly settings: readonly SettingName[];
  readonly run: (context: Context<O>) => Promise<ExitCode>;
};

export type Context<O extends Options> = {
  readonly config: Config;
  readonly options: Parsed<O>;
  readonly positionals: readonly string[];
  /** Aborted at SIGINT or SIGTERM: finish within 10 s. */
  readonly signal: AbortSignal;
};

/** Runs a command as this process: parses arguments, wires signals, prints errors, sets the exit code. */
export async function runCommand<O extends Options>(command: Command<O>): Promise<never> {
  const stop = new AbortController();
  let interrupted = false;
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      interrupted ||= name === "SIGINT";
      stop.abort(new Error(`${name} received`));
    });
  }
  try {
    const argv = process.argv.slice(2);
    if (argv.includes("--help") || argv.includes("-h")) {
      console.log(helpText(command));
      process.exit(ExitCode.done);
    }
    const parsed = parseCommandLine(command, argv);
    const code = await command.run({ ...parsed, signal: stop.signal });
    process.exit(interrupted && code === ExitCode.done ? ExitCode.interrupted : code);
  } catch (error) {
    process.exit(reportError(command.name, error, interrupted));
  }
}

function reportError(name: string, error: unknown, interrupted: boolean): ExitCode {
  if (interrupted) return ExitCode.interrupted;
  if (error instanceof UsageError) {
    for (const mistake of error.mistakes) console.error(`${name}: ${mistake}`);
    console.error(`See: bun run ${name} --help`);
    return ExitCode.usage;
  }
  const expected = error instanceof UnreachableError || error instanceof OperationError;
  console.error(`${name}: ${expected ? messageOf(error) : ((error as Error)?.stack ?? messageOf(error))}`);
  return error instanceof UnreachableError ? ExitCode.unreachable : ExitCode.failure;
}

/**
 * Reads a command line and the environment.
 * @throws UsageError with every mistake at once
 */
export function parseCommandLine<O extends Options>(
  command: Pick<Command<O>, "options" | "positionals">,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): { config: Config; options: Parsed<O>; positionals: readonly string[] } {
  const mistakes: string[] = [];
  const flags = new Map<string, string | undefined>();
  const switches = Object.entries(command.options).filter(([, declared]) => declared.value === undefined);
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries([
      ...Object.values(settings).map((setting) => [flagOf(setting), { type: "string" as const }]),
      ...Object.keys(command.options).map((name) => [flagName(name), { type: "string" as const }]),
      ...switches.map(([name]) => [flagName(name), { type: "boolean" as const }]),
    ]),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const known = new Set([...Object.values(settings).map(flagOf), ...Object.keys(command.options).map(flagName)]);
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    if (!known.has(token.name)) mistakes.push(`${token.rawName}: no such option`);
    else if (token.inlineValue === false && token.value.startsWith("--")) {
      mistakes.push(`${token.rawName}: expected a value, got the option ${token.value}`);
    } else flags.set(token.name, token.value);
  }
  if (positionals.length > 0 && command.positionals === undefined) {
    mistakes.push(`${positionals.join(" ")}: this command takes options only`);
  }
  const options: Record<string, unknown> = {};
  for (const [name, declared] of Object.entries(command.options)) {
    const flag = flagName(name);
    options[name] = declared.default;
    if (!flags.has(flag)) continue;
    const value = flags.get(flag);
    try {
      if (declared.value !== undefined && value === undefined) throw new Error(`expected a value (${declared.value})`);
      if (declared.value === undefined && value !== undefined) throw new Error("takes no value");
      options[name] = declared.parse(value ?? "");
    } catch (error) {
      mistakes.push(
        `--${flag}: ${(error as Error).message}${value === undefined ? "" : `: got ${JSON.stringify(value)}`}`,
      );
    }
    flags.delete(flag);
  }
  const settingFlags: Record<string, string> = {};
  for (const [flag, value] of flags) {
    if (value === undefined) mistakes.push(`--${flag}: expected a value`);
    else settingFlags[flag] = value;
  }
  let config: Config | undefined;
  try {
    config = resolveConfig(settingFlags, env);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    mistakes.push(...error.mistakes);
  }
  if (mistakes.length > 0 || config === undefined) throw new UsageError(mistakes);
  return { config, options: options as Parsed<O>, positionals };
}

function flagName(option: string): string {
  return option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function helpText<O extends Options>(command: Command<O>): string {
  const rows: [string, string][] = Object.entries(command.options).map(([name, declared]) => [
    `--${flagName(name)}${declared.value === undefined ? "" : ` ${declared.value}`}`,
    declared.help,
  ]);
  const settingRows: [string, string][] = command.settings.map((name) => {
    const setting: Setting = settings[name];
    const fallback = setting.secret || setting.default === "" ? "" : ` (default ${setting.default})`;
    return [`--${flagOf(setting)} ${setting.kind}`, `${setting.help}${fallback} [${setting.env}]`];
  });
  const width = Math.min(
    44,
    Math.max(...[...rows, ...settingRows, ["--help", ""]].map(([flag]) => (flag ?? "").length)),
  );
  const line = ([flag, help]: [string, string]) => `  ${flag.padEnd(width)}  ${help}`;
  return [
    `bun run ${command.name}${command.positionals ? ` ${command.positionals}` : ""} [options]`,
    `  ${command.summary}`,
    "",
    "Options:",
    ...rows.map(line),
    line(["--help", "this text"]),
    ...(settingRows.length > 0
      ? ["", "Settings (flag, or environment variable, or .env; secrets also NAME_FILE):", ...settingRows.map(line)]
      : []),
  ].join("\n");
}
