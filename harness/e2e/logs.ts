import { createLog, type Log } from "../../src/log.ts";

/**
 * What no log may hold: secrets, and values of rows. The text is searched for as it comes, since a whole suite's logs are
 * long; what was found is told at the end of the run.
 */
const unspeakable = new Set<string>();
const offences: string[] = [];
let lines = 0;

/** Declares a secret or a row's value, to be used by a test; a log that holds it fails the run. */
export function neverLogged(text: string): string {
  unspeakable.add(text);
  return text;
}

/** Looks at what a program has logged, line by line. */
export function watchLog(program: string, text: string): void {
  for (const line of text.split("\n")) {
    if (line === "") continue;
    lines++;
    for (const secret of unspeakable) if (line.includes(secret)) offences.push(`${program}: ${line}`);
  }
}

/** Reads a program's log to its end, and looks at every line. @param onText gets what came */
export async function followLog(
  program: string,
  stream: ReadableStream<Uint8Array>,
  onText: (text: string) => void = () => {},
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const text = decoder.decode(chunk, { stream: true });
    onText(text);
    const whole = `${rest}${text}`;
    const end = whole.lastIndexOf("\n") + 1;
    watchLog(program, whole.slice(0, end));
    rest = whole.slice(end);
  }
  watchLog(program, rest);
}

/** A log of parts that run within the test's own process: every level, looked at and not shown. */
export const watchedLog: Log = createLog("test", { logFormat: "json", logLevel: "debug" }, (line) =>
  watchLog("test", line),
);

/** @throws Error with the lines that hold what no log may hold */
export function expectNothingUnspeakable(): void {
  process.stderr.write(`logs: ${lines} lines looked at for ${unspeakable.size} secrets and row values\n`);
  if (offences.length > 0) throw new Error(`secrets or row values in logs:\n${offences.slice(0, 20).join("\n")}`);
}
