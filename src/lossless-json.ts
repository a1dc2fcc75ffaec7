/**
 * JSON.parse that keeps integers beyond 2^53 as bigint. The plain parser runs first: only a text in which some value
 * of `integers` came out inexact is parsed again, the slow way.
 * @param inexact whether a parsed value needs the slow way
 */
export function parseLossless(text: string, inexact: (value: unknown) => boolean): unknown {
  const value: unknown = JSON.parse(text);
  return inexact(value) ? JSON.parse(text, keepBigIntegers) : value;
}

/** A reviver with the source text access of ES2026 (JSON.parse source text access). */
export function keepBigIntegers(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? "";
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
}

declare global {
  interface JSON {
    /** JSON.parse source text access: a value that JSON.stringify writes as the text given. */
    rawJSON(text: string): unknown;
  }
}

/** A number that JSON.stringify writes with exactly these digits. */
export function rawNumber(text: string): unknown {
  return JSON.rawJSON(text);
}
