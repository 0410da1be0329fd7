import type { ServerConfig } from "./config.ts";

/** Flink's word for a value that is not told. */
const hidden = "******";

/** How the server is set up: under Flink's keys where Flink has the setting, else under the flag's name. */
export function settingsOf(config: ServerConfig): ReadonlyMap<string, string> {
  const { cluster } = config;
  return new Map([
    ["rest.bind-address", config.host],
    ["rest.port", String(config.httpPort)],
    ["millrace.pg-port", String(config.pgPort)],
    ["millrace.data", config.dataDirectory],
    ["millrace.password", config.password === null ? "" : hidden],
    ["millrace.allow", config.allowedDirectories.join(",")],
    ["millrace.store-memory", `${config.storeMemory_bytes_max} b`],
    ["millrace.provider", cluster.provider.kind],
    ["taskmanager.numberOfTaskSlots", String(config.slots)],
    ["heartbeat.interval", `${cluster.heartbeat_ms} ms`],
    ["heartbeat.timeout", `${cluster.timeout_ms} ms`],
    ["web.refresh-interval", "3 s"],
    ["web.submit.enable", "true"],
    ["web.cancel.enable", "true"],
    ...(cluster.provider.kind === "threads"
      ? []
      : ([
          ["jobmanager.rpc.address", cluster.listen.host],
          ["jobmanager.rpc.port", String(cluster.listen.port)],
          ["security.ssl.internal.enabled", String(cluster.tls !== null)],
          ["millrace.cluster-secret", cluster.secret === null ? "" : hidden],
        ] as const)),
  ]);
}
