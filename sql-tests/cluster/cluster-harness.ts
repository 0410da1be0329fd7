import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import type { ServerProcess } from "../runner/server.ts";

const main = join(import.meta.dirname, "../../dist/server/main.js");

export interface TaskManagerProcess {
  readonly pid: number;
  output(): string;
  signal(signal: "SIGSTOP" | "SIGCONT" | "SIGKILL"): void;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** Which machine a process runs on: the address at which it finds the server, and what goes in front of its command. */
export interface Place {
  readonly serverHost: string;
  readonly prefix: readonly string[];
}

const here: Place = { serverHost: "127.0.0.1", prefix: [] };

/** A built TaskManager in a process of its own, as a user starts it. */
export function startTaskManager(
  id: string,
  clusterPort: number,
  secret: string,
  flags: readonly string[] = [],
  { serverHost, prefix }: Place = here,
): TaskManagerProcess {
  const args = [main, "taskmanager", "--join", `${serverHost}:${clusterPort}`, "--slots", "1", "--id", id, ...flags];
  const environment = { ...process.env, MILLRACE_CLUSTER_SECRET: secret };
  const [program = "", ...words] = [...prefix, process.execPath, ...args];
  const child: ChildProcess = spawn(program, words, { stdio: ["ignore", "ignore", "pipe"], env: environment });
  let output = "";
  child.stderr?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  return {
    pid: child.pid as number,
    output: () => output,
    signal: (signal) => void child.kill(signal),
    stop() {
      child.kill("SIGTERM");
      return exited;
    },
  };
}

/** Where a server that has started takes TaskManagers. */
export const clusterPortOf = (server: ServerProcess): number => Number(/join at \S+:(\d+)/.exec(server.output())?.[1]);

/** Bids of Nexmark, the same ones however fast they come; every 50 events hold 46. */
export const bidsSource = (name: string, events: number, rate: number): string =>
  `CREATE SOURCE ${name} (WATERMARK FOR date_time AS date_time - INTERVAL '1' SECOND)
     WITH (connector = 'nexmark', table = 'bid', events = '${events}', rate = '${rate}')`;

export const bidCounts = (source: string): string =>
  `SELECT auction, window_start, count(*) AS bids, max(price) AS highest
     FROM TUMBLE(${source}, date_time, INTERVAL '1' SECOND) GROUP BY auction, window_start`;

/** Rows of either job's table that the other does not have, as a bag. */
export async function difference(server: ServerProcess, a: string, b: string): Promise<number> {
  const [row] = await server.query(
    `SELECT count(*) AS n FROM ((SELECT * FROM ${a} EXCEPT ALL SELECT * FROM ${b}) UNION ALL (SELECT * FROM ${b} EXCEPT ALL SELECT * FROM ${a})) d`,
  );
  return Number(row?.["n"]);
}

/** Resolves once so many TaskManagers have registered. */
export const taskManagersCame = (server: ServerProcess, count: number): Promise<void> =>
  until(
    `${count} TaskManagers`,
    async () => (await server.query("SELECT DISTINCT taskmanager FROM millrace.slots")).length >= count,
    server,
  );

/** Resolves once the condition holds; throws with the server's log when it does not. */
export async function until(what: string, condition: () => Promise<boolean> | boolean, server: ServerProcess): Promise<void> {
  const deadline_ms = Date.now() + wait_ms_max;
  while (!(await condition())) {
    if (Date.now() > deadline_ms) throw new Error(`waited in vain for ${what}:\n${server.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Long enough for processes to start on a machine that is busy with other things. */
const wait_ms_max = 90_000;
