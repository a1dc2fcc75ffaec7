import type { Registry } from "prom-client";
import { Content, send } from "../answer/content.ts";
import type { Route } from "../route.ts";

/** `/metrics`, in Prometheus's text format. */
export function metricsRoute(registry: Pick<Registry, "metrics" | "contentType">): Route {
  return {
    method: "GET",
    path: "/metrics",
    access: "reader",
    handle: async ({ request }) =>
      send(request, new Content(new TextEncoder().encode(await registry.metrics()), registry.contentType)),
  };
}
