import { openApi } from "../openapi.ts";
import { metricsText } from "../prometheus.ts";
import type { Route } from "../route.ts";
import { open, record, words } from "../schema.ts";

/** The server itself. */
export const serverRoutes: readonly Route[] = [
  {
    method: "get",
    path: "/healthz",
    tag: "cluster",
    doc: "Whether the server answers; needs no password",
    answer: record({ status: words("ok") }),
    handle: (c) => c.json({ status: "ok" }),
  },
  {
    method: "get",
    path: "/metrics",
    tag: "cluster",
    doc: "Prometheus' text format, under the names of Flink's reporter",
    answer: { contentType: "text/plain" },
    handle: (c, context) => c.text(metricsText(context), 200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" }),
  },
];

/** The document of `routes`, and of itself. */
export function openApiRoute(routes: readonly Route[]): Route {
  const route: Route = {
    method: "get",
    path: "/openapi.json",
    tag: "cluster",
    doc: "This document (OpenAPI 3.1)",
    answer: open({}),
    handle: (c, { version }) => c.json(openApi([...routes, route], version)),
  };
  return route;
}
