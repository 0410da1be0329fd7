import { execFileSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { removeDirectory, startServer, temporaryDirectory } from "../../runner/server.ts";
import type { TextRows } from "./answer.ts";

/** A database that runs records, a fresh one per file. */
export interface Engine {
  readonly name: "millrace" | "postgresql";
  /** Rows of the statement as texts. Throws what the database says. */
  run(sql: string): Promise<TextRows>;
  close(): Promise<void>;
}

/** Values as the server wrote them. */
const asText = { getTypeParser: () => (value: string) => value };

async function connect(port: number, user: string, database: string): Promise<pg.Client> {
  const client = new pg.Client({ host: "127.0.0.1", port, user, database, types: asText });
  await client.connect();
  return client;
}

async function rowsOf(client: pg.Client, sql: string): Promise<TextRows> {
  const result = await client.query<(string | null)[]>({ text: sql, rowMode: "array" });
  return result.rows;
}

/** The built server in a process of its own. */
export async function openMillrace(): Promise<Engine> {
  const dataDirectory = temporaryDirectory();
  const server = await startServer({ dataDirectory });
  const client = await connect(server.pgPort, "test", "millrace");
  return {
    name: "millrace",
    run: (sql) => rowsOf(client, sql),
    async close() {
      await client.end();
      await server.stop();
      removeDirectory(dataDirectory);
    },
  };
}

/** The newest PostgreSQL that is installed; null when there is none. */
export function postgresPrograms(): string | null {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).toSorted((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(root, version, "bin")).find((bin) => existsSync(join(bin, "initdb"))) ?? null;
}

/** A PostgreSQL cluster in a directory of its own, until it is closed. It does not run as root: then the user `postgres` runs it. */
export function startPostgres(bin: string, port: number): { open(): Promise<Engine>; stop(): void } {
  const directory = mkdtempSync(join(tmpdir(), "millrace-postgres-"));
  const user = process.getuid?.() === 0 ? { uid: idOf("-u"), gid: idOf("-g") } : null;
  if (user !== null) chownSync(directory, user.uid, user.gid);
  const run = (program: string, ...args: readonly string[]): Buffer =>
    execFileSync(join(bin, program), args, { ...user, cwd: directory, stdio: ["ignore", "ignore", "inherit"] });
  const data = join(directory, "data");
  run("initdb", "-D", data, "-U", "test", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync");
  run(
    "pg_ctl",
    "-D",
    data,
    "-w",
    "-l",
    join(directory, "log"),
    "-o",
    `-p ${port} -k ${directory} -c listen_addresses=127.0.0.1 -c fsync=off -c timezone=UTC`,
    "start",
  );
  let databases = 0;
  return {
    async open() {
      const database = `slt${++databases}`;
      const admin = await connect(port, "test", "postgres");
      await admin.query(`CREATE DATABASE ${database}`);
      await admin.end();
      const client = await connect(port, "test", database);
      return { name: "postgresql", run: (sql) => rowsOf(client, asPostgres(sql)), close: () => client.end() };
    },
    stop() {
      run("pg_ctl", "-D", data, "-m", "immediate", "stop");
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const idOf = (flag: string): number => Number(execFileSync("id", [flag, "postgres"]).toString());

/** A view answers at any moment what a maintained view must hold; to wait for it there is nothing. */
function asPostgres(sql: string): string {
  if (/^FLUSH$/i.test(sql.trim())) return "SELECT 1 WHERE false";
  return sql.replace(/^(CREATE|DROP) MATERIALIZED VIEW\b/i, "$1 VIEW").replace(/^(CREATE VIEW \S+) WITH \([^)]*\)/i, "$1");
}
