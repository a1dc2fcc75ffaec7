import { messageOf } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import { inTime } from "../in-time.ts";
import { isOpenToRead, type Place, refusalOf } from "./access/guard.ts";
import { LOGIN_POLICY, loginPage } from "./access/login.ts";
import { Content, send } from "./answer/content.ts";
import { Failure } from "./answer/failure.ts";
import type { Call, Route } from "./route.ts";
import type { Credentials } from "./session-routes.ts";

/** A server that hangs must not keep a page waiting; above what wrong tokens are made to wait. */
const ANSWER_MS = 12_000;
/** Failures are logged at most so often: many open pages meet the same one. */
const LOG_MS = 10_000;

/** Lets requests in, to the one route that is theirs, and words what goes wrong. */
export class Door {
  private loggedAtMs = Number.NEGATIVE_INFINITY;
  private readonly byPath = new Map<string, ReadonlyMap<string, Route>>();

  constructor(
    routes: readonly Route[],
    private readonly place: Place,
    private readonly credentials: Credentials,
    private readonly log: Log,
    private readonly answerMs = ANSWER_MS,
  ) {
    for (const route of routes) {
      this.byPath.set(route.path, new Map([...(this.byPath.get(route.path) ?? []), [route.method, route]]));
    }
  }

  get paths(): readonly string[] {
    return [...this.byPath.keys()];
  }

  async enter(path: string, call: Call): Promise<Response> {
    const { request } = call;
    try {
      const methods = this.byPath.get(path);
      const route = methods?.get(request.method === "HEAD" ? "GET" : request.method);
      if (route === undefined) {
        const allowed = [...(methods?.keys() ?? [])].join(", ");
        throw new Failure(405, `${request.method} is not possible here`, allowed, { allow: allowed });
      }
      await this.check(route, call);
      return await inTime(this.answerMs, Promise.resolve(route.handle(call)));
    } catch (error) {
      return this.failed(request, error);
    }
  }

  unknown(request: Request): Response {
    return this.failed(
      request,
      new Failure(404, "there is nothing here", "/, /api/..., /healthz, /readyz or /metrics"),
    );
  }

  /** A failure in words; one that is nobody's mistake is logged. */
  failed(request: Request, error: unknown): Response {
    if (error instanceof Failure) {
      const { status, body, headers } = error;
      if (status === 401 && request.headers.get("accept")?.includes("text/html")) {
        return send(request, loginPage, 401, { ...headers, "content-security-policy": LOGIN_POLICY });
      }
      return send(request, Content.json(body), status, { ...headers, "cache-control": "no-store" });
    }
    if (performance.now() - this.loggedAtMs > LOG_MS) {
      this.loggedAtMs = performance.now();
      this.log.warn("a page's request failed", { path: new URL(request.url).pathname, error: messageOf(error) });
    }
    const body = { error: "the watchdog could not read its store", expected: "PostgreSQL to answer; see /api/status" };
    return send(request, Content.json(body), 503, { "cache-control": "no-store" });
  }

  private async check(route: Route, { request, address }: Call): Promise<void> {
    if (route.path === "/healthz" || route.path === "/readyz") return;
    const header = (name: string) => request.headers.get(name);
    const visit = {
      method: request.method,
      host: header("host"),
      origin: header("origin"),
      fetchSite: header("sec-fetch-site"),
      fetchMode: header("sec-fetch-mode"),
      contentType: header("content-type"),
    };
    const refusal = refusalOf(visit, this.place);
    if (refusal !== null) throw new Failure(refusal.status, refusal.error, refusal.expected);
    if (route.access === "anybody") return;
    if (route.access === "reader" && isOpenToRead(visit, this.place)) return;
    if (await this.credentials.areRight(request, address)) return;
    throw new Failure(401, "this needs a token", "a session (POST /api/session) or Authorization: Bearer", {
      "www-authenticate": "Bearer",
    });
  }
}
