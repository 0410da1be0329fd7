import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";

const root = join(import.meta.dirname, "../..");

/** A built server in a process of its own, as a user starts it, on free ports. */
export interface ServerProcess {
  readonly pid: number;
  readonly pgPort: number;
  readonly httpUrl: string;
  readonly dataDirectory: string;
  /** What it wrote to stdout and stderr so far. */
  output(): string;
  /** Statements over a fresh Postgres connection; rows of the last one. */
  query(sql: string, parameters?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  /** SIGKILL, at once; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

export interface StartOptions {
  readonly dataDirectory: string;
  readonly flags?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
}

export const temporaryDirectory = (): string => mkdtempSync(join(tmpdir(), "millrace-test-"));
export const removeDirectory = (path: string): void => rmSync(path, { recursive: true, force: true });

/** A busy machine may take its time. */
const start_ms_max = 90_000;

export async function startServer({ dataDirectory, flags = [], environment = {} }: StartOptions): Promise<ServerProcess> {
  const main = join(root, "dist/server/main.js");
  const child = spawn(process.execPath, [main, "serve", "--pg-port", "0", "--http-port", "0", "--data", dataDirectory, ...flags], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  await until(
    () => /data in/.test(output),
    start_ms_max,
    () => `the server did not start:\n${output}`,
    child,
  );
  const pgPort = Number(/psql -h \S+ -p (\d+)/.exec(output)?.[1]);
  const httpUrl = /(http:\/\/[^/]+)\/v1/.exec(output)?.[1] ?? "";
  return {
    pid: child.pid as number,
    pgPort,
    httpUrl,
    dataDirectory,
    output: () => output,
    query: (sql, parameters) => query(pgPort, sql, parameters ?? []),
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
    async stop() {
      child.kill("SIGTERM");
      return exited;
    },
  };
}

async function query(port: number, sql: string, parameters: readonly unknown[]): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ host: "127.0.0.1", port, user: "test", database: "millrace" });
  await client.connect();
  try {
    const result = (await (parameters.length > 0 ? client.query(sql, [...parameters]) : client.query(sql))) as
      | pg.QueryResult
      | pg.QueryResult[];
    return (Array.isArray(result) ? result.at(-1) : result)?.rows ?? [];
  } finally {
    await client.end();
  }
}

async function until(done: () => boolean, ms_max: number, why: () => string, child: ChildProcess): Promise<void> {
  const deadline_ms = Date.now() + ms_max;
  while (!done()) {
    if (Date.now() > deadline_ms || child.exitCode !== null) throw new Error(why());
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Waits until the job is in a terminal state; returns it. */
export async function jobEnded(server: ServerProcess, name: string, ms_max = 60_000): Promise<string> {
  const deadline_ms = Date.now() + ms_max;
  for (;;) {
    const [job] = await server.query("SELECT state, error FROM millrace.jobs WHERE name = $1", [name]);
    const state = String(job?.["state"] ?? "missing");
    if (["FINISHED", "FAILED", "CANCELED"].includes(state)) return job?.["error"] ? `${state}: ${String(job["error"])}` : state;
    if (Date.now() > deadline_ms) throw new Error(`job ${name} is still ${state}\n${server.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
