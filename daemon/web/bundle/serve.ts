import { accepts, isKnown } from "../answer/content.ts";
import { SECURITY_HEADERS } from "../answer/headers.ts";
import type { PageFile } from "./bundle.ts";

const YEAR_SECONDS = 31_536_000;

/** Sends a file of the page in the smallest form that the client takes. Names with a hash never change what they hold. */
export function sendFile(request: Request, file: PageFile, path: string): Response {
  const headers: Record<string, string> = {
    ...SECURITY_HEADERS,
    "content-type": file.type,
    "cache-control": path === "/" ? "no-cache" : `public, max-age=${YEAR_SECONDS}, immutable`,
    vary: "accept-encoding",
    etag: file.etag,
  };
  if (isKnown(request, file.etag)) return new Response(null, { status: 304, headers });
  const { br, gzip, identity } = file.forms;
  if (br && accepts(request, "br")) return new Response(br, { headers: { ...headers, "content-encoding": "br" } });
  if (gzip && accepts(request, "gzip"))
    return new Response(gzip, { headers: { ...headers, "content-encoding": "gzip" } });
  return new Response(identity ?? (gzip && Bun.gunzipSync(gzip)), { headers });
}
