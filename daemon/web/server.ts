import { hostname } from "node:os";
import type { Config } from "../../src/config.ts";
import { createElasticsearch } from "../../src/elasticsearch.ts";
import { messageOf, OperationError } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import { connectPostgres } from "../../src/postgres.ts";
import type { Table } from "../../src/tables.ts";
import { channelNames } from "../alerts/channels.ts";
import { inTime } from "../in-time.ts";
import type { Place } from "./access/guard.ts";
import { bracketed } from "./access/hosts.ts";
import { Sessions } from "./access/session.ts";
import { checkToken, readToken } from "./access/token.ts";
import { Failure } from "./answer/failure.ts";
import { type Bundle, openBundle } from "./bundle/bundle.ts";
import { sendFile } from "./bundle/serve.ts";
import { Door } from "./door.ts";
import { Events } from "./events.ts";
import { metricsRoute } from "./metrics/route.ts";
import { createWatchdogMetrics } from "./metrics.ts";
import { Readiness } from "./readiness.ts";
import type { Route } from "./route.ts";
import { apiRoutes } from "./routes.ts";
import { Credentials, sessionRoutes } from "./session-routes.ts";
import { StatusSource } from "./status/source.ts";
import { Work } from "./work/work.ts";

const STATEMENT_TIMEOUT_MS = 10_000;
const SEARCH_TIMEOUT_MS = 5_000;
/** A connection on which nothing moves for so long is closed; an open page's heartbeat is quicker. */
const IDLE_SECONDS = 60;
/** Who asks for the page before it is bundled waits so long. */
const BUNDLE_MS = 10_000;
/** Bodies beyond this are not even read. */
const MAX_BODY_BYTES = 1_048_576;

/** The web server of one watchdog. */
export type Web = {
  /** Its address, as this machine reaches it. */
  readonly url: string;
  /** The address that signs in; a secret. */
  readonly loginUrl: string;
  /** The file that holds the token; null where it was set. */
  readonly tokenFile: string | null;
  readonly work: Work;
  /** All that it answers. */
  readonly routes: readonly Pick<Route, "method" | "path" | "access">[];
  /** Ends every connection. */
  stop(): Promise<void>;
};

/**
 * Serves the status page, its API, /metrics, /healthz and /readyz, whether or not this watchdog leads.
 * @throws UsageError where it would be open to other machines without a token; OperationError where the port is taken
 */
export async function startWeb(config: Config, tables: readonly Table[], log: Log): Promise<Web> {
  checkToken(config);
  const token = readToken(config, log);
  const sql = connectPostgres(config, "watchdog", {
    connections: 4,
    program: "tidemark-watchdog-web",
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  });
  const client = createElasticsearch(config, { requestTimeoutMs: SEARCH_TIMEOUT_MS });
  const work = new Work(log);
  const status = new StatusSource({ config, tables, sql, client, isLeading: () => work.isLeading });
  const events = new Events(() => status.read());
  const readiness = new Readiness(sql);
  const stopping = new AbortController();
  const bundle = openBundle(config.cacheDir, stopping.signal);
  bundle.catch((error) => stopping.signal.aborted || log.error("there is no page", { error: messageOf(error) }));
  const place: Place = { bindHost: config.watchdogHost, publicUrl: config.watchdogUrl, machineName: hostname() };
  const secure = config.watchdogUrl.startsWith("https:");
  const sessions = new Sessions(token.value, `tidemark_${config.watchdogPort}`, secure);
  const credentials = new Credentials(token.value, sessions);
  const channels = channelNames(config);
  const routes: readonly Route[] = [
    ...readiness.routes(),
    ...sessionRoutes(sessions, credentials),
    ...apiRoutes({ config, tables, sql, client, status, events, work }),
    metricsRoute(createWatchdogMetrics({ config, tables, sql, channels, isLeading: () => work.isLeading }).registry),
    ...["/", "/assets/{name}"].map((path) => pageRoute(path, bundle)),
  ];
  const door = new Door(routes, place, credentials, log);
  const close = async () => {
    stopping.abort();
    events.close();
    await Promise.allSettled([sql.end({ timeout: 1 }), client.close(), status.close()]);
  };
  try {
    const server = serve(config, door);
    const url = `http://${bracketed(reachable(config.watchdogHost))}:${server.port}`;
    return {
      url,
      loginUrl: `${url}/#token=${encodeURIComponent(token.value)}`,
      tokenFile: token.file,
      work,
      routes,
      stop: async () => {
        events.close();
        await server.stop(true);
        await close();
      },
    };
  } catch (error) {
    await close();
    throw new OperationError(
      `cannot listen on ${config.watchdogHost}:${config.watchdogPort}; is another watchdog running here? Choose a port with WATCHDOG_PORT (0: a free one)`,
      { cause: error },
    );
  }
}

/** Of all of this machine's addresses, its own one. */
function reachable(host: string): string {
  return { "0.0.0.0": "127.0.0.1", "::": "::1" }[host] ?? host;
}

function serve(config: Config, door: Door) {
  return Bun.serve({
    hostname: config.watchdogHost,
    port: config.watchdogPort,
    idleTimeout: IDLE_SECONDS,
    maxRequestBodySize: MAX_BODY_BYTES,
    development: false,
    routes: Object.fromEntries(
      door.paths.map((path) => [
        path.replaceAll(/\{(\w+)\}/g, ":$1"),
        (request: Bun.BunRequest, server: Bun.Server<undefined>) => {
          return door.enter(path, {
            request,
            params: request.params as Record<string, string>,
            address: server.requestIP(request)?.address ?? "unknown",
            keepOpen: () => server.timeout(request, 0),
          });
        },
      ]),
    ),
    fetch: (request) => door.unknown(request),
    error: (error) => door.failed(new Request("http://unknown/"), error),
  });
}

function pageRoute(path: string, bundle: Promise<Bundle>): Route {
  return {
    method: "GET",
    path,
    access: "reader",
    handle: async ({ request }) => {
      const files = await inTime(BUNDLE_MS, bundle).catch(() => {
        throw new Failure(503, "the page is not bundled; its API is there", "a moment, or see the watchdog's log", {
          "retry-after": "5",
        });
      });
      const { pathname } = new URL(request.url);
      const file = files.get(pathname);
      if (file === undefined) throw new Failure(404, "there is no such file");
      return sendFile(request, file, pathname);
    },
  };
}
