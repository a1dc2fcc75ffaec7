import type { Letter } from "./letter.ts";
import { letterPage, listPage, styleHash } from "./page.ts";

/** Pages run nothing and load nothing but their own frames; a message's HTML not even those. */
const PAGE_POLICY = `default-src 'none'; style-src ${styleHash()}; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;
const MESSAGE_POLICY =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'";

const HEADERS = {
  "cache-control": "no-store",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

/** Serves messages on loopback: a list, each message, and all as JSON under /api/messages, oldest first. */
export function serveLetters(letters: () => readonly Letter[], limit: number, port = 0) {
  const find = (id: string | undefined) => letters().find((letter) => String(letter.id) === id);
  const answer = (path: string): Response => {
    if (path === "/") return html(listPage(letters(), limit), PAGE_POLICY);
    if (path === "/api/messages") return Response.json({ messages: letters() }, { headers: HEADERS });
    const [, id, part] = /^\/messages\/(\d+)(\/html)?$/.exec(path) ?? [];
    const letter = find(id);
    if (letter === undefined) return text(404, "not found: /, /messages/ID, /messages/ID/html, /api/messages");
    return part === undefined ? html(letterPage(letter), PAGE_POLICY) : html(letter.html, MESSAGE_POLICY);
  };
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port,
    fetch: (request, { port }) => {
      // A page of somebody else's whose name resolves to this machine must not read mail.
      const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
      const host = request.headers.get("host") ?? "";
      if (!hosts.includes(host)) return text(421, `expected the host ${hosts.join(" or ")}`);
      if (request.method !== "GET" && request.method !== "HEAD") return text(405, "expected GET");
      return answer(new URL(request.url).pathname);
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, close: () => server.stop(true) };
}

function html(body: string, policy: string): Response {
  const headers = { ...HEADERS, "content-type": "text/html; charset=utf-8", "content-security-policy": policy };
  return new Response(body, { headers });
}

function text(status: number, body: string): Response {
  const headers = { ...HEADERS, "content-type": "text/plain; charset=utf-8" };
  return new Response(`${body}\n`, { status, headers });
}
