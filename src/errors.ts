/** Exit codes of every command; `docs` in the README. */
export const ExitCode = { done: 0, failure: 1, usage: 2, unreachable: 3, interrupted: 130 } as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** The command line or a setting is wrong. Carries every mistake found, so that all are mended in one go. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  constructor(readonly mistakes: readonly string[]) {
    super(mistakes.join("\n"));
  }
}

/** A server could not be reached within the time allowed. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
}

/** An operation that failed in a way its message explains; a stack trace would add nothing. */
export class OperationError extends Error {
  override readonly name = "OperationError";
}

/** The text of whatever was thrown, with its causes. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const own = error.message || (code ? `${error.name} ${code}` : error.name);
  const inner = error instanceof AggregateError ? [...new Set(error.errors.map(messageOf))].join("; ") : causeOf(error);
  return inner && !own.includes(inner) ? `${own}: ${inner}` : own;
}

function causeOf(error: Error): string {
  return error.cause === undefined ? "" : messageOf(error.cause);
}
