import http from "node:http";
import https from "node:https";
import type { LookupFunction } from "node:net";
import type { Address } from "./addresses.ts";

/** Bytes of an answer that are read; its status says all, the rest only helps people. */
const MAX_ANSWER_BYTES = 65_536;

export type Answer = {
  readonly status: number;
  /** The header Retry-After as it came. */
  readonly retryAfter: string | null;
  /** The body's beginning. */
  readonly text: string;
  /** Whether the body was longer, or had not ended when the time was up. */
  readonly cutOff: boolean;
};

export type PostOptions = {
  /** Where the connection goes; the URL's name is used for the Host header, SNI and the certificate alone. */
  readonly addresses: readonly Address[];
  readonly headers: Readonly<Record<string, string>>;
  /** Certificate authorities (PEM) instead of the system's. */
  readonly ca?: string;
  /** Ends it: before the answer's head by an error, after it by cutting off the body. */
  readonly signal: AbortSignal;
};

/**
 * Posts a body once, over a connection of its own. Redirects are answers like any other.
 * @throws Error of the network or of TLS, or when the signal is aborted before the answer's head came
 */
export async function post(url: URL, body: string, options: PostOptions): Promise<Answer> {
  const { addresses, signal } = options;
  signal.throwIfAborted();
  // Bun (1.4.5) takes an array alone, and passes over `lookup` where an agent has a connection open.
  const lookup: LookupFunction = (_name, _options, done) => done(null, [...addresses]);
  const { request } = url.protocol === "https:" ? https : http;
  const outgoing = request(url, {
    method: "POST",
    agent: false,
    lookup,
    headers: { ...options.headers, "content-length": Buffer.byteLength(body) },
    rejectUnauthorized: true,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  });
  try {
    const response = await headOf(outgoing, body, signal);
    const { text, cutOff } = await beginningOf(response, signal);
    return {
      status: response.statusCode ?? 0,
      retryAfter: response.headers["retry-after"] ?? null,
      text,
      cutOff,
    };
  } finally {
    outgoing.destroy();
  }
}

function headOf(outgoing: http.ClientRequest, body: string, signal: AbortSignal): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    // Stays after the head: a connection that breaks later must not be an unhandled error.
    outgoing.on("error", reject);
    outgoing.once("response", (response) => {
      signal.removeEventListener("abort", abort);
      resolve(response);
    });
    outgoing.end(body);
  });
}

function beginningOf(
  response: http.IncomingMessage,
  signal: AbortSignal,
): Promise<{ readonly text: string; readonly cutOff: boolean }> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const finish = (cutOff: boolean) => {
      signal.removeEventListener("abort", abort);
      const whole = Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES);
      resolve({ text: whole.toString("utf8"), cutOff });
      response.destroy();
    };
    const abort = () => finish(true);
    signal.addEventListener("abort", abort, { once: true });
    response.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) finish(true);
    });
    response.once("end", () => finish(false));
    response.once("error", abort);
    response.once("close", abort);
    if (signal.aborted) abort();
  });
}
