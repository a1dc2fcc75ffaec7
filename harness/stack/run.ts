import { OperationError } from "../../src/errors.ts";

/** Fetching everything over a slow line takes minutes. */
const runTimeoutMs = 900_000;

/** Runs a tool to its end. @throws OperationError with the end of its output */
export async function run(
  argv: string[],
  failure: string,
  cwd?: string,
  environment?: Readonly<Record<string, string>>,
): Promise<void> {
  const child = Bun.spawn(argv, {
    cwd,
    env: environment ?? process.env,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: runTimeoutMs,
  });
  const [output, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  const code = await child.exited;
  if (code === 0) return;
  const end = `${output}\n${errors}`.trim().split("\n").slice(-15).join("\n");
  throw new OperationError(`${failure}\n${argv[0]} ended with ${child.signalCode ?? `exit code ${code}`}:\n${end}`);
}
