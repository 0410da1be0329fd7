// npm run bench [-- --events 20000000 --queries q0,q5,flights --parallelism 1,2 --rounds 2]
//
// Runs each query as a job of a built server (generator included, blackhole sink, checkpoints on) and as a batch in DuckDB over
// the same rows; prints rows/s, their ratio, and the server's idle memory and time to first result. Machines are noisy: compare
// the ratios of one run. The best of the rounds counts. `-- --checkpoints` measures what checkpoints cost instead (checkpoints.mjs),
// `-- --recovery` how long jobs are away when processes are killed (recovery.mjs).
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { batchPrelude } from "../../dist/planner/front/prelude-sql.js";
import { registerNativeFunctions } from "../../dist/runtime/duckdb/native-functions.js";
import { rewriteQuery } from "../../dist/planner/front/rewrite/rewrite-query.js";
import { flights, nexmarkSources, queries } from "./queries.mjs";
import { sleep, startServer } from "./server.mjs";

if (process.argv.includes("--checkpoints")) {
  const { benchCheckpoints } = await import("./checkpoints.mjs");
  await benchCheckpoints();
  process.exit(0);
}
if (process.argv.includes("--recovery")) {
  const { benchRecovery } = await import("./recovery.mjs");
  await benchRecovery();
  process.exit(0);
}

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};
const events = Number(option("events", "20000000"));
const chosen = option("queries", [...Object.keys(queries), "flights"].join(",")).split(",");
const parallelisms = option("parallelism", "1,2").split(",").map(Number);
const rounds = Number(option("rounds", "2"));

const directory = mkdtempSync(join(tmpdir(), "millrace-bench-"));

const rss_mb = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;

/** Seconds from the statement to FINISHED. */
async function timeJob(sql, name, statement) {
  const start = performance.now();
  await sql(statement);
  for (;;) {
    const job = (await sql(`SELECT state, error FROM millrace.jobs WHERE name = '${name}'`))[0];
    if (job.state === "FINISHED") break;
    if (job.state === "FAILED") throw new Error(`${name}: ${job.error}`);
    await sleep(10);
  }
  const seconds = (performance.now() - start) / 1000;
  await sql(`DROP STREAMING JOB ${name}`);
  return seconds;
}

async function best(run) {
  let seconds = Number.POSITIVE_INFINITY;
  for (let i = 0; i < rounds; i++) seconds = Math.min(seconds, await run());
  return seconds;
}

/** Generates the batch's rows by jobs into Parquet, so that both sides read the same data. */
async function batchTables(sql) {
  for (const table of ["bid", "auction", "person"]) {
    await sql(`CREATE SINK ${table}_file WITH (connector = 'filesystem', path = '${join(directory, table)}', format = 'parquet')`);
    await timeJob(
      sql,
      `write_${table}`,
      `CREATE STREAMING JOB write_${table} WITH (parallelism = 1) AS INSERT INTO ${table}_file SELECT * FROM ${table}`,
    );
  }
}

async function openBatch() {
  const connection = await (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
  registerNativeFunctions(connection);
  for (const text of batchPrelude) await connection.run(text);
  return async (text) => {
    const start = performance.now();
    await connection.run(text);
    return (performance.now() - start) / 1000;
  };
}

const rate = (rows, seconds) => (rows / seconds / 1e6).toFixed(2).padStart(8);

const server = await startServer(join(directory, "data"));
try {
  await sleep(1500);
  const idle_mb = rss_mb(server.child.pid);
  const { sql } = server;
  await sql(flights.source);
  for (const text of nexmarkSources(events)) await sql(text);
  await sql("CREATE SINK nothing WITH (connector = 'blackhole')");

  const batch = await openBatch();
  await batch(`CREATE TABLE flights AS SELECT * FROM 'node_modules/vega-datasets/data/flights-3m.parquet'`);
  if (chosen.some((name) => name !== "flights")) {
    await batchTables(sql);
    for (const table of ["bid", "auction", "person"])
      await batch(`CREATE TABLE ${table} AS SELECT * FROM '${join(directory, table)}/*.parquet'`);
  }

  console.log(`M rows/s (events/s for Nexmark, ${events.toLocaleString("en")} events; best of ${rounds})`);
  console.log(`query    ${parallelisms.map((p) => `   p = ${p}`).join("")}   DuckDB 1 thread  ratio p=${parallelisms[0]}`);
  for (const name of chosen) {
    const { sql: body, rows = events } = name === "flights" ? flights : queries[name];
    const seconds = [];
    for (const p of parallelisms) {
      seconds.push(
        await best(() =>
          timeJob(sql, `bench_${name}`, `CREATE STREAMING JOB bench_${name} WITH (parallelism = ${p}) AS INSERT INTO nothing ${body}`),
        ),
      );
    }
    const text = rewriteQuery({ text: body, at: 0 }).text;
    const duck = await best(() => batch(`CREATE OR REPLACE TEMP TABLE answer AS ${text}`));
    console.log(
      `${name.padEnd(9)}${seconds.map((s) => rate(rows, s)).join("")} ${rate(rows, duck).padStart(16)}  ${(duck / seconds[0]).toFixed(2).padStart(9)}`,
    );
  }

  const start = performance.now();
  await sql(`CREATE STREAMING JOB first WITH (parallelism = 2) AS ${flights.sql}`);
  while (Number((await sql("SELECT count(*) AS n FROM first"))[0].n) === 0) await sleep(5);
  console.log(`\nfirst result of a fresh job: ${Math.round(performance.now() - start)} ms`);
  console.log(`idle server: ${Math.round(idle_mb)} MB resident`);
} finally {
  server.child.kill("SIGTERM");
  await new Promise((resolve) => server.child.once("exit", resolve));
  rmSync(directory, { recursive: true, force: true });
}
