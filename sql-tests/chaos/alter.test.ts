import { DuckDBInstance } from "@duckdb/node-api";
import { join } from "node:path";
import pg from "pg";
import { describe, expect, it } from "vitest";
import { randomOf } from "../runner/random.ts";
import { removeDirectory, type ServerProcess, startServer, temporaryDirectory } from "../runner/server.ts";
import { sleep } from "./sleep.ts";

/** Runs, rounds and first seed: `npm run chaos:alter` is the long form. */
const runs = Number(process.env["CHAOS_RUNS"] ?? 1);
const rounds = Number(process.env["CHAOS_ROUNDS"] ?? 4);
const firstSeed = Number(process.env["CHAOS_SEED"] ?? 1);
const kill_ms_max = 2_500;

const ofT = "SELECT k, count(*) AS n, sum(v) AS s FROM t GROUP BY k";
const fewer = "SELECT k, sum(v) AS s FROM t GROUP BY k";
const ofU = "SELECT u.k, count(*) AS n FROM u JOIN t ON t.k = u.k GROUP BY u.k";

type Random = () => number;
const oneOf = <T>(random: Random, ...choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T;

/** What is stated when the server dies. */
const operations: readonly ((random: Random) => string)[] = [
  () => `ALTER STREAMING JOB j AS ${fewer}`,
  (random) => `ALTER STREAMING JOB j WITH (rebuild = on) AS ${oneOf(random, ofT, fewer, ofU)}`,
  (random) => `ALTER STREAMING JOB j SET (parallelism = ${1 + Math.floor(random() * 3)})`,
  () => `CREATE STREAMING JOB born WITH (checkpoint_interval = '50ms', from_savepoint = saved) AS ${ofT}`,
  () => `CREATE STREAMING JOB born WITH (checkpoint_interval = '50ms', from_savepoint = saved) AS ${ofU}`,
];

/** Query, parallelism and readers of each job there is. */
async function definitions(server: ServerProcess) {
  const rows = await server.query("SELECT name, definition FROM millrace.catalog WHERE kind = 'streamingJob' ORDER BY name");
  return rows.map(({ name, definition }) => ({
    name: String(name),
    query: String(definition).slice(String(definition).indexOf(" AS ") + 4),
  }));
}

async function expectWhole(server: ServerProcess, said: string): Promise<void> {
  const jobs = await definitions(server);
  const listed = await server.query("SELECT name, state FROM millrace.jobs ORDER BY name");
  const runs = await server.query("SELECT job AS name FROM millrace.job_runs ORDER BY job");
  expect({ said, listed, runs }).toEqual({
    said,
    listed: jobs.map(({ name }) => ({ name, state: "RUNNING" })),
    runs: jobs.map(({ name }) => ({ name })),
  });
  await server.query("FLUSH");
  for (const { name, query } of jobs) {
    const rows = (from: string) => server.query(`SELECT * FROM ${from} ORDER BY ALL`);
    expect({ said, query, rows: await rows(name) }).toEqual({ said, query, rows: await rows(`(${query}) q`) });
    const read = await server.query("SELECT table_name FROM millrace.table_readers WHERE job = $1 ORDER BY table_name", [name]);
    expect(
      read.map((row) => row["table_name"]),
      `${said}: ${name} AS ${query}`,
    ).toEqual(query.includes("FROM u") ? ["t", "u"] : ["t"]);
  }
}

/** On a connection that the server's death may break. */
async function answerOf(server: ServerProcess, sql: string): Promise<string> {
  const client = new pg.Client({ host: "127.0.0.1", port: server.pgPort, user: "test", database: "millrace" });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query(sql);
    return "done";
  } catch (error) {
    return String(error);
  }
}

async function leftovers(dataDirectory: string): Promise<unknown> {
  const db = await DuckDBInstance.create(join(dataDirectory, "store.duckdb"));
  const connection = await db.connect();
  const answer = await connection.runAndReadAll(`
    SELECT table_name FROM duckdb_tables() WHERE schema_name IN ('public', 'millrace_state')
    UNION ALL SELECT job FROM millrace.job_runs UNION ALL SELECT job FROM millrace.checkpoints UNION ALL SELECT job FROM millrace.checkpoint_deltas
    UNION ALL SELECT job FROM millrace.state_tables UNION ALL SELECT job FROM millrace.table_readers UNION ALL SELECT name FROM millrace.catalog`);
  connection.closeSync();
  db.closeSync();
  return answer.getRowsJson();
}

describe("kill -9 of the server while a job is changed or begins with a savepoint", () => {
  it.each(Array.from({ length: runs }, (_, i) => firstSeed + i))(
    "leaves it wholly old or wholly new, exact, and nothing else (seed %i)",
    { timeout: 60_000 + rounds * 60_000 },
    async (seed) => {
      const random = randomOf(seed);
      const dataDirectory = temporaryDirectory();
      let server = await startServer({ dataDirectory });
      await server.query("CREATE TABLE t (k BIGINT, v BIGINT)");
      await server.query("CREATE TABLE u (k BIGINT)");
      await server.query("INSERT INTO t SELECT i % 50, i FROM range(20000) x(i)");
      await server.query("INSERT INTO u SELECT i % 70 FROM range(200) x(i)");
      await server.query(`CREATE STREAMING JOB j WITH (checkpoint_interval = '50ms') AS ${ofT}`);
      await server.query("FLUSH");
      await server.query("CREATE SAVEPOINT saved FOR STREAMING JOB j");
      const outcomes: string[] = [];
      for (let round = 0; round < rounds; round++) {
        const operation = (operations[Math.floor(random() * operations.length)] as (random: Random) => string)(random);
        const [before] = await definitions(server);
        await server.query("INSERT INTO t SELECT i % 60, -i FROM range(300) x(i)");
        const answer = answerOf(server, operation);
        const after_ms = Math.round(random() ** 2 * kill_ms_max);
        await sleep(after_ms);
        await server.kill();
        const said = `seed ${seed}, round ${round}: ${operation}, killed after ${after_ms} ms, ${await answer}`;
        server = await startServer({ dataDirectory });
        const jobs = await definitions(server);
        const j = jobs.find(({ name }) => name === "j");
        outcomes.push(jobs.length > 1 ? "born" : j?.query === before?.query ? "old" : "new");
        const wanted = operation.slice(operation.indexOf(" AS ") + 4);
        expect({ said, whole: j?.query === before?.query || j?.query === wanted }).toEqual({ said, whole: true });
        await expectWhole(server, said);
        await server.query("UPDATE t SET v = v + 1 WHERE k = 7");
        await expectWhole(server, said);
        await server.query("DROP STREAMING JOB IF EXISTS born");
      }
      process.stdout.write(`alter chaos seed ${seed}: ${outcomes.join(" ")}\n`);
      await server.query("DROP TABLE t, u CASCADE");
      await server.stop();
      expect(await leftovers(dataDirectory)).toEqual([]);
      removeDirectory(dataDirectory);
    },
  );
});
