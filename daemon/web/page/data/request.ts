import type { ApiError } from "../../api.ts";

const TIMEOUT_MS = 15_000;

/** The server answered, and not with what was asked for. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Nobody is there to answer: the stream of events ends then too, and the page says so once. */
export class Unanswered extends Error {}

/**
 * Asks the API; the answer's shape is what `api.ts` says, which a test holds the server to.
 * @throws Refused when it answers anything but 2xx; Unanswered; Error when it takes too long
 */
export async function request<T>(method: "GET" | "POST" | "DELETE", path: string, body?: unknown): Promise<T> {
  const response = await fetch(`/api/${path}`, {
    method,
    credentials: "same-origin",
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: body === undefined ? null : JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "TimeoutError") {
      throw new Error(`no answer within ${TIMEOUT_MS / 1000} s`, { cause: error });
    }
    throw new Unanswered("the watchdog does not answer", { cause: error });
  });
  if (!response.ok) throw new Refused(response.status, await reasonOf(response));
  return (response.status === 204 ? undefined : await response.json().catch(() => undefined)) as T;
}

async function reasonOf(response: Response): Promise<string> {
  const fallback = `the watchdog answered ${response.status} ${response.statusText}`.trim();
  const answer = (await response.json().catch(() => null)) as Partial<ApiError> | null;
  if (typeof answer?.error !== "string") return fallback;
  return typeof answer.expected === "string" ? `${answer.error}; expected ${answer.expected}` : answer.error;
}
