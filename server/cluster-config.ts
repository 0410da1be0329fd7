import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { limits } from "../runtime/contract/limits.ts";
import type { Address } from "../runtime/contract/network.ts";

export interface Flag {
  readonly name: string;
  readonly value: string | null;
  readonly doc: string;
}

/** PEM texts; `ca` is the cluster's own authority. */
export interface ClusterTlsFiles {
  readonly certificate: string;
  readonly key: string;
  readonly ca: string;
  /** The flags that named the files, for processes that are started from here. */
  readonly flags: readonly string[];
}

/** Where a server's slots are. */
export type ProviderConfig =
  | { readonly kind: "threads" }
  /** TaskManagers that this process starts. */
  | { readonly kind: "processes"; readonly taskManagers: number }
  /** TaskManagers that others start. */
  | { readonly kind: "standalone" };

export interface ClusterConfig {
  readonly provider: ProviderConfig;
  /** Where TaskManagers join. */
  readonly listen: Address;
  /** null: the processes that the server starts get one of their own, and nobody else can join. */
  readonly secret: string | null;
  readonly tls: ClusterTlsFiles | null;
  readonly heartbeat_ms: number;
  readonly timeout_ms: number;
}

export const clusterPort = 7_435;

const tlsFlags: readonly Flag[] = [
  { name: "cluster-tls-cert", value: "FILE", doc: "certificate (PEM) for TLS between the cluster's processes" },
  { name: "cluster-tls-key", value: "FILE", doc: "its key" },
  { name: "cluster-tls-ca", value: "FILE", doc: "the authority that has signed the certificates of all processes" },
];

export const clusterFlags: readonly Flag[] = [
  { name: "provider", value: "KIND", doc: "threads (of this process), processes (started by it), or standalone (they join)" },
  { name: "task-managers", value: "N", doc: "with processes: how many, of --slots slots each (2)" },
  { name: "cluster-host", value: "ADDRESS", doc: "address that TaskManagers join at (127.0.0.1)" },
  { name: "cluster-port", value: "PORT", doc: `port that TaskManagers join at (${clusterPort})` },
  { name: "heartbeat-timeout", value: "MS", doc: "a TaskManager that is silent for so long is given up (10000)" },
  ...tlsFlags,
];

export type Flags = Readonly<Record<string, readonly string[]>>;
const one = (flags: Flags, name: string): string | undefined => flags[name]?.at(-1);

export function clusterConfig(flags: Flags, environment: NodeJS.ProcessEnv): ClusterConfig {
  const provider = providerConfig(flags);
  const secret = clusterSecret(environment);
  const host = one(flags, "cluster-host") ?? "127.0.0.1";
  if (provider.kind === "standalone" && secret === null)
    throw new Error("TaskManagers that join need a secret: set MILLRACE_CLUSTER_SECRET, the same for the server and for each of them");
  if (!isLoopback(host) && secret === null)
    throw new Error(`--cluster-host ${host} is reachable from other machines: set MILLRACE_CLUSTER_SECRET, or listen on 127.0.0.1`);
  if (provider.kind === "processes" && (host === "0.0.0.0" || host === "::"))
    throw new Error(`--cluster-host ${host} is no address at which the processes reach each other: name one of this machine's`);
  const timeout_ms = integer("heartbeat-timeout", one(flags, "heartbeat-timeout") ?? "10000", 500, 600_000);
  return {
    provider,
    listen: { host, port: integer("cluster-port", one(flags, "cluster-port") ?? String(clusterPort), 0, 65_535) },
    secret,
    tls: tlsFiles(flags),
    heartbeat_ms: Math.min(1_000, Math.round(timeout_ms / 5)),
    timeout_ms,
  };
}

function providerConfig(flags: Flags): ProviderConfig {
  const kind = one(flags, "provider") ?? "threads";
  const taskManagers = integer("task-managers", one(flags, "task-managers") ?? "2", 1, 1_024);
  switch (kind) {
    case "processes":
      return { kind, taskManagers };
    case "threads":
    case "standalone":
      return { kind };
    default:
      throw new Error(`--provider is threads, processes or standalone, not "${kind}"`);
  }
}

/** How a TaskManager process is set up: flags of `millrace taskmanager`, then environment, then defaults. */
export interface TaskManagerConfig {
  readonly id: string | null;
  readonly join: Address;
  readonly slots: number;
  readonly data: Address;
  readonly secret: string;
  readonly tls: ClusterTlsFiles | null;
  /** Directories that file connectors may use on this machine, beside what the server allows; empty = any. */
  readonly allowedDirectories: readonly string[];
  readonly scratchDirectory: string | null;
}

export const taskManagerFlags: readonly Flag[] = [
  { name: "join", value: "HOST:PORT", doc: "the server's cluster address (its --cluster-host and --cluster-port)" },
  { name: "slots", value: "N", doc: "slots to offer (the number of cores)" },
  { name: "id", value: "NAME", doc: "its name in the cluster (host and process id); one that joins again replaces the earlier one" },
  {
    name: "data-host",
    value: "ADDRESS",
    doc: "address of this machine at which other TaskManagers reach it (127.0.0.1 when the server is local)",
  },
  { name: "data-port", value: "PORT", doc: "port for other TaskManagers (any free one)" },
  {
    name: "allow",
    value: "DIRECTORY",
    doc: "directory that file connectors may use here; may be repeated (default: what the server allows)",
  },
  { name: "scratch", value: "DIRECTORY", doc: "directory for temporary files (a new one of the system)" },
  ...tlsFlags,
];

export function taskManagerConfig(flags: Flags, environment: NodeJS.ProcessEnv): TaskManagerConfig {
  const secret = clusterSecret(environment);
  if (secret === null) throw new Error("set MILLRACE_CLUSTER_SECRET to the server's");
  const join = address("join", one(flags, "join"));
  const dataHost = one(flags, "data-host") ?? (isLoopback(join.host) ? "127.0.0.1" : null);
  if (dataHost === null) throw new Error("say with --data-host at which address of this machine the other TaskManagers reach it");
  return {
    id: one(flags, "id") ?? null,
    join,
    slots: integer("slots", one(flags, "slots") ?? String(availableParallelism()), 1, limits.taskManagerSlots_max),
    data: { host: dataHost, port: integer("data-port", one(flags, "data-port") ?? "0", 0, 65_535) },
    secret,
    tls: tlsFiles(flags),
    allowedDirectories: flags["allow"] ?? [],
    scratchDirectory: one(flags, "scratch") ?? null,
  };
}

const loopback = new Set(["127.0.0.1", "::1", "localhost"]);

export const isLoopback = (host: string): boolean => loopback.has(host);

function clusterSecret(environment: NodeJS.ProcessEnv): string | null {
  const secret = environment["MILLRACE_CLUSTER_SECRET"] ?? "";
  if (secret === "") return null;
  if (secret.length < limits.clusterSecret_characters_min)
    throw new Error(`MILLRACE_CLUSTER_SECRET is too short: take ${limits.clusterSecret_characters_min} characters or more, at random`);
  return secret;
}

function tlsFiles(flags: Flags): ClusterTlsFiles | null {
  const [cert, key, ca] = ["cluster-tls-cert", "cluster-tls-key", "cluster-tls-ca"].map((name) => one(flags, name));
  if (cert === undefined && key === undefined && ca === undefined) return null;
  if (cert === undefined || key === undefined || ca === undefined)
    throw new Error("TLS in the cluster needs all of --cluster-tls-cert, --cluster-tls-key and --cluster-tls-ca");
  const read = (path: string): string => readFileSync(path, "utf8");
  const named = ["--cluster-tls-cert", resolve(cert), "--cluster-tls-key", resolve(key), "--cluster-tls-ca", resolve(ca)];
  return { certificate: read(cert), key: read(key), ca: read(ca), flags: named };
}

function address(name: string, text: string | undefined): Address {
  const [, host, port] = /^\[?(.+?)\]?:(\d+)$/.exec(text ?? "") ?? [];
  if (host === undefined || port === undefined) throw new Error(`--${name} takes HOST:PORT${text === undefined ? "" : `, not "${text}"`}`);
  return { host, port: integer(name, port, 1, 65_535) };
}

export function integer(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max)
    throw new Error(`--${name} takes a whole number from ${min} to ${max}, not "${text}"`);
  return value;
}
