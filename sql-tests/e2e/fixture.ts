import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { jobEnded, removeDirectory, type ServerProcess, startServer, temporaryDirectory } from "../runner/server.ts";

type Row = Readonly<Record<string, unknown>>;

/** What a client is told about a refused statement. `word` is what stands at the error's position in the statement. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly word: string | undefined;
}

/** A built server, shared by the tests of one file, with a directory for the files that they write. */
export interface Fixture {
  readonly directory: string;
  server(): ServerProcess;
  /** Rows of the last statement; timestamps as `YYYY-MM-DD hh:mm:ss` if the statement casts them to TEXT. */
  rows(sql: string): Promise<readonly Row[]>;
  /** Rows as arrays of texts, null for NULL: short to write in an expectation. */
  cells(sql: string): Promise<readonly (readonly (string | null)[])[]>;
  /** The error of a statement that must fail. */
  refusal(sql: string): Promise<Refusal>;
  /** Writes a file of lines and returns its path. */
  file(name: string, lines: readonly string[]): string;
  /** Runs a job to its end; returns its state, with the error if it failed. */
  run(name: string, query: string, options?: string): Promise<string>;
  /** Runs a job that must finish. */
  finish(name: string, query: string): Promise<void>;
  /** Stops the server and starts it again on the same data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export function fixture(): Fixture {
  const directory = temporaryDirectory();
  const dataDirectory = join(directory, "data");
  let server: ServerProcess;
  const start = async (): Promise<void> => {
    server = await startServer({ dataDirectory });
  };
  beforeAll(start);
  afterAll(async () => {
    await server.stop();
    removeDirectory(directory);
  });
  const run = async (name: string, query: string, options = ""): Promise<string> => {
    await server.query(`CREATE STREAMING JOB ${name} ${options} AS ${query}`);
    return jobEnded(server, name, 20_000);
  };
  return {
    directory,
    server: () => server,
    rows: (sql) => server.query(sql),
    cells: async (sql) => (await server.query(sql)).map((row) => Object.values(row).map((v) => (v === null ? null : String(v)))),
    refusal: (sql) => refusal(server, sql),
    file(name, lines) {
      const path = join(directory, name);
      writeFileSync(path, lines.map((line) => `${line}\n`).join(""));
      return path;
    },
    run,
    async finish(name, query) {
      const state = await run(name, query);
      if (state !== "FINISHED") throw new Error(`job ${name} is ${state}`);
    },
    async restart() {
      await server.stop();
      await start();
    },
    stop: async () => void (await server.stop()),
  };
}

async function refusal(server: ServerProcess, sql: string): Promise<Refusal> {
  try {
    await server.query(sql);
  } catch (error) {
    const { code, message, hint, position } = error as { code: string; message: string; hint?: string; position?: string };
    const word = position === undefined ? undefined : (/^(?:'[^']*'|\w+|.|$)/.exec(sql.slice(Number(position) - 1))?.[0] ?? "");
    return { code, message, hint, word };
  }
  throw new Error(`was not refused: ${sql}`);
}

/** Waits until the condition holds. */
export async function eventually(what: string, holds: () => Promise<boolean>, ms_max = 15_000): Promise<void> {
  const deadline_ms = Date.now() + ms_max;
  while (!(await holds())) {
    if (Date.now() > deadline_ms) throw new Error(`did not come true in ${ms_max} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
