import { SECURITY_HEADERS } from "./headers.ts";

/** Below this many bytes compression saves nothing. */
const WORTH_BYTES = 1_024;

/** Something to send, as often as it is asked for; compressed once, at first need. */
export class Content {
  readonly etag: string;
  private gzip: Uint8Array<ArrayBuffer> | undefined;

  constructor(
    readonly bytes: Uint8Array<ArrayBuffer>,
    readonly type: string,
  ) {
    this.etag = `"${Bun.hash(bytes).toString(36)}"`;
  }

  static json(value: unknown): Content {
    return new Content(new TextEncoder().encode(JSON.stringify(value)), "application/json; charset=utf-8");
  }

  zipped(): Uint8Array<ArrayBuffer> | undefined {
    if (this.bytes.length < WORTH_BYTES) return undefined;
    this.gzip ??= Bun.gzipSync(this.bytes);
    return this.gzip;
  }
}

/** Sends content, compressed where the client takes that, or nothing but 304 where it has it already. */
export function send(request: Request, content: Content, status = 200, more: Record<string, string> = {}): Response {
  const headers: Record<string, string> = {
    ...SECURITY_HEADERS,
    "content-type": content.type,
    // Kept, but asked for again each time: `etag` makes that cheap.
    "cache-control": "private, no-cache",
    vary: "accept-encoding",
    etag: content.etag,
    ...more,
  };
  if (status === 200 && isKnown(request, content.etag)) return new Response(null, { status: 304, headers });
  const zipped = accepts(request, "gzip") ? content.zipped() : undefined;
  if (zipped !== undefined) headers["content-encoding"] = "gzip";
  return new Response(request.method === "HEAD" ? null : (zipped ?? content.bytes), { status, headers });
}

/** Whether the client has this already (RFC 9110, 13.1.2). */
export function isKnown(request: Request, etag: string): boolean {
  const known = request.headers.get("if-none-match")?.split(",") ?? [];
  return known.some((one) => one.trim().replace(/^W\//, "") === etag || one.trim() === "*");
}

/** Whether the client takes a coding; one with `q=0` it does not (RFC 9110, 12.5.3). */
export function accepts(request: Request, coding: string): boolean {
  const codings = (request.headers.get("accept-encoding") ?? "").split(",").map((one) => one.trim().toLowerCase());
  return codings.some((one) => {
    const [name, ...parameters] = one.split(";").map((part) => part.trim());
    return name === coding && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
}
