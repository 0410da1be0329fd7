import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { type ClusterConfig, clusterConfig, clusterFlags, type Flag, integer, isLoopback } from "./cluster-config.ts";

export type { Flag } from "./cluster-config.ts";

/** How a server process is set up; flags of `millrace serve`, then environment, then defaults (design section 7). */
export interface ServerConfig {
  readonly host: string;
  readonly pgPort: number;
  readonly httpPort: number;
  /** Where the store lives; made if absent. */
  readonly dataDirectory: string;
  /** Slots of this process, or of each TaskManager that it starts. */
  readonly slots: number;
  readonly cluster: ClusterConfig;
  /** Required beyond loopback. */
  readonly password: string | null;
  /** Directories that file connectors may read and write; empty = any that this process may. */
  readonly allowedDirectories: readonly string[];
  readonly storeMemory_bytes_max: number;
}

export const serverFlags: readonly Flag[] = [
  { name: "host", value: "ADDRESS", doc: "address to listen on (127.0.0.1); beyond loopback a password is required" },
  { name: "pg-port", value: "PORT", doc: "Postgres wire (7433; the next free one when it is taken)" },
  { name: "http-port", value: "PORT", doc: "HTTP (7434; the next free one when it is taken)" },
  { name: "data", value: "DIRECTORY", doc: "data directory (./millrace-data)" },
  { name: "slots", value: "N", doc: "slot threads, of each TaskManager that is started here (the number of cores)" },
  { name: "allow", value: "DIRECTORY", doc: "directory that file connectors may use; may be repeated (default: any)" },
  { name: "store-memory", value: "MIB", doc: "memory limit of the embedded DuckDB in MiB (2048)" },
  ...clusterFlags,
];

/** Reads flags that were already parsed (`--data x` -> data: ["x"]). Throws a plain Error with a readable message. */
export function serverConfig(flags: Readonly<Record<string, readonly string[]>>, environment: NodeJS.ProcessEnv): ServerConfig {
  const one = (name: string): string | undefined => flags[name]?.at(-1);
  const password = environment["MILLRACE_PASSWORD"] ?? null;
  const config: ServerConfig = {
    host: one("host") ?? "127.0.0.1",
    pgPort: integer("pg-port", one("pg-port") ?? "7433", 0, 65_535),
    httpPort: integer("http-port", one("http-port") ?? "7434", 0, 65_535),
    dataDirectory: resolve(one("data") ?? environment["MILLRACE_DATA"] ?? "millrace-data"),
    slots: integer("slots", one("slots") ?? String(availableParallelism()), 1, 1_024),
    cluster: clusterConfig(flags, environment),
    password: password === "" ? null : password,
    allowedDirectories: (flags["allow"] ?? []).map((path) => resolve(path)),
    storeMemory_bytes_max: integer("store-memory", one("store-memory") ?? "2048", 64, 1_048_576) * 1_048_576,
  };
  if (!isLoopback(config.host) && config.password === null) {
    throw new Error(`--host ${config.host} is reachable from other machines: set MILLRACE_PASSWORD, or listen on 127.0.0.1`);
  }
  return config;
}
