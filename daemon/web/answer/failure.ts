import type { ApiError } from "../api.ts";

/** A request that is answered with something else than 2xx, in words. */
export class Failure extends Error {
  override readonly name = "Failure";

  /** @param status of HTTP; 503 with an error that names what does not answer */
  constructor(
    readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 429 | 503,
    error: string,
    readonly expected?: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(error);
  }

  get body(): ApiError {
    return { error: this.message, ...(this.expected === undefined ? {} : { expected: this.expected }) };
  }
}
