import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { limits } from "../../runtime/contract/limits.ts";
import { createApp } from "./app.ts";
import { FlameGraphs } from "./flink/flame-graphs.ts";
import { Operations } from "./flink/operations.ts";
import type { HttpContext } from "./http-session.ts";

export interface HttpServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Listens; rejects with the system's error (`EADDRINUSE`) when the port is taken. Port 0 takes any free one. */
export function startHttpServer(
  options: { readonly host: string; readonly port: number; readonly log: (line: string) => void } & Omit<
    HttpContext,
    "hosts" | "operations" | "flameGraphs"
  >,
): Promise<HttpServer> {
  const hosts = new Set<string>();
  const app = createApp({ ...options, hosts, operations: new Operations(), flameGraphs: new FlameGraphs() }, options.log);
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: options.host, port: options.port }) as Server;
    server.headersTimeout = limits.handshake_ms_max;
    server.requestTimeout = 30_000;
    server.maxConnections = limits.connections_max;
    server.once("error", reject);
    server.once("listening", () => {
      const { port } = server.address() as AddressInfo;
      for (const name of servedNames(options.host)) hosts.add(`${name}:${port}`);
      resolve({ port, close: () => closed(server) });
    });
  });
}

/** Loopback under its usual names; beyond it any name may lead here (none are listed), and the password is the guard. */
const servedNames = (host: string): readonly string[] =>
  ["127.0.0.1", "localhost", "::1"].includes(host) ? ["127.0.0.1", "localhost", "[::1]"] : [];

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
