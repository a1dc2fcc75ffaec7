import { messageOf, UnreachableError } from "../../src/errors.ts";
import { about, type Check, skipped } from "./check.ts";

/** A server is there, and would not answer: a login, a missing database, a right. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  constructor(
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}

/** What came of asking one server. */
export type Answer<T> =
  | { readonly kind: "answered"; readonly value: T }
  | { readonly kind: "refused" | "unreachable"; readonly cause: string; readonly remedy: string };

/** A server, as its checks name it. */
export type Server = { readonly name: string; readonly address: string };

/** Asks a server; what it throws becomes an answer, so that the others are asked all the same. */
export async function ask<T>(question: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { kind: "answered", value: await question() };
  } catch (error) {
    const cause = messageOf(error);
    if (error instanceof UnreachableError) return { kind: "unreachable", cause, remedy: "bun run stack status" };
    return { kind: "refused", cause, remedy: error instanceof RefusedError ? error.remedy : "" };
  }
}

/** A server's checks: that it answered, and either the verdicts on its answers or each of them skipped; pure. */
export function judgeServer<T>(
  server: Server,
  answer: Answer<T>,
  checks: readonly string[],
  judge: (value: T) => readonly Check[],
): readonly Check[] {
  const reached = about(server.name, `answers at ${server.address}`);
  if (answer.kind === "answered") return [reached.ok(server.address), ...judge(answer.value)];
  const why =
    answer.kind === "unreachable" ? `${server.name} is unreachable` : `${server.name} did not answer what was asked`;
  return [reached.fail(answer.cause, answer.remedy || `bun run stack logs ${server.name}`), ...skipped(checks, why)];
}
