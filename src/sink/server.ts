import type { Config } from "../config.ts";
import { OperationError } from "../errors.ts";
import type { Metrics } from "./metrics.ts";

/**
 * Serves /healthz (the process lives), /readyz (it consumes, and Elasticsearch answers; else 503) and /metrics.
 * @throws OperationError where the port is taken
 */
export function serveHealth(config: Pick<Config, "sinkHost" | "sinkPort">, metrics: Metrics, isReady: () => boolean) {
  const text = (body: string, status = 200) => new Response(`${body}\n`, { status });
  const serve = () =>
    Bun.serve({
      hostname: config.sinkHost,
      port: config.sinkPort,
      routes: {
        "/healthz": () => text("ok"),
        "/readyz": () => (isReady() ? text("ready") : text("not ready", 503)),
        "/metrics": async () =>
          new Response(await metrics.registry.metrics(), { headers: { "content-type": metrics.registry.contentType } }),
      },
      fetch: () => text("not found: /healthz, /readyz, /metrics", 404),
    });
  try {
    const server = serve();
    return { url: `http://${config.sinkHost}:${server.port}`, stop: () => server.stop(true) };
  } catch (error) {
    throw new OperationError(
      `cannot listen on ${config.sinkHost}:${config.sinkPort}; is another sink running? Choose a port with SINK_PORT (0: a free one)`,
      { cause: error },
    );
  }
}
