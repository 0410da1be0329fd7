// npm run bench -- --checkpoints [--state-mb 1000] [--parallelism 2] [--seconds 30] [--interval 10s] [--profile DIR]
//
// What checkpoints cost a job with much keyed state, of which every fiftieth key is touched again and again: how long tasks stand still for
// one, what throughput is lost to them, and how long a restore takes after kill -9. Throughput is measured in turns with and without
// checkpoints, as machines are noisy: look at the ratio. `--profile` writes CPU profiles of the servers' threads.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sleep, startServer } from "./server.mjs";

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};
const state_mb = Number(option("state-mb", "1000"));
const parallelism = Number(option("parallelism", "2"));
const seconds = Number(option("seconds", "30"));
const interval = option("interval", "10s");
const profile = option("profile", null);
const rounds = 2;

/** Of one group: its text, and about as much again as a third of it for the key, the counts and the index. */
const text_bytes = 180;
const keys = Math.round((state_mb * 1e6) / (text_bytes + 60));
const hotKeys = Math.max(1, Math.round(keys / 50));
const nodeFlags = profile === null ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`];

const sources = [
  `CREATE SOURCE fill (k BIGINT, v BIGINT, label TEXT)
     WITH (connector = 'datagen', rows = ${keys}, fields.k.kind = 'sequence', fields.k.start = 0, fields.label.length = ${text_bytes})`,
  `CREATE SOURCE hot (k BIGINT, v BIGINT, label TEXT)
     WITH (connector = 'datagen', rows_per_second = 100000000, fields.k.min = 0, fields.k.max = ${hotKeys - 1}, fields.label.length = 8)`,
];
const job = `CREATE STREAMING JOB big WITH (parallelism = ${parallelism}, checkpoint_interval = '${interval}') AS
  SELECT k, count(*) AS n, sum(v) AS total, max(label) AS label FROM (SELECT * FROM fill UNION ALL SELECT * FROM hot) GROUP BY k`;

const quantile = (values, share) => values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * values.length) - 1)] ?? 0;
const ms = (value) => `${value.toFixed(1)} ms`;

const recordsIn = async (sql) =>
  Number((await sql("SELECT sum(records_in) AS n FROM millrace.subtasks WHERE job = 'big' AND vertex LIKE '%'"))[0].n);

async function running(sql) {
  for (;;) {
    const [row] = await sql(
      "SELECT count(*) FILTER (state NOT IN ('RUNNING', 'FINISHED')) AS waiting, count(*) AS all FROM millrace.subtasks WHERE job = 'big'",
    );
    const [state] = await sql("SELECT state, error FROM millrace.jobs WHERE name = 'big'");
    if (state.state === "FAILED") throw new Error(state.error);
    if (state.state === "RUNNING" && Number(row.waiting) === 0 && Number(row.all) > 0) return;
    await sleep(20);
  }
}

async function throughput(sql) {
  await sleep(2_000);
  const [from, start] = [await recordsIn(sql), performance.now()];
  await sleep(seconds * 1_000);
  return ((await recordsIn(sql)) - from) / ((performance.now() - start) / 1_000);
}

const costs = (sql) =>
  sql(
    "SELECT checkpoint, sync_ms, alignment_ms, start_delay_ms, bytes FROM millrace.checkpoint_subtasks WHERE job = 'big' AND sync_ms IS NOT NULL",
  );

function report(name, subtasks) {
  const sync = subtasks.map((s) => Number(s.sync_ms));
  const bytes = subtasks.reduce((sum, s) => sum + Number(s.bytes), 0);
  const checkpoints = new Set(subtasks.map((s) => s.checkpoint)).size;
  console.log(
    `${name.padEnd(22)} sync part p50 ${ms(quantile(sync, 0.5))}, p99 ${ms(quantile(sync, 0.99))}, max ${ms(Math.max(0, ...sync))}` +
      ` (${checkpoints} checkpoints of ${(bytes / 1e6 / Math.max(1, checkpoints)).toFixed(1)} MB)`,
  );
}

export async function benchCheckpoints() {
  const directory = mkdtempSync(join(tmpdir(), "millrace-bench-"));
  const data = join(directory, "data");
  let server = await startServer(data, nodeFlags);
  try {
    let { sql } = server;
    for (const text of sources.slice(0, 2)) await sql(text);
    await sql(job);
    await running(sql);
    for (let done = false; !done; ) {
      await sleep(250);
      const [row] = await sql("SELECT sum(records_in) AS n FROM millrace.vertices WHERE job = 'big' AND name LIKE '%fill%'");
      done = Number(row.n) >= keys;
    }
    await sql("CHECKPOINT STREAMING JOB big");
    const filling = await costs(sql);
    const last = Math.max(...filling.map((s) => Number(s.checkpoint)));
    console.log(
      `${keys.toLocaleString("en")} keys, about ${state_mb} MB of state, parallelism ${parallelism}, a checkpoint every ${interval}`,
    );
    report("while state is filled", filling);

    const rates = { with: [], without: [] };
    for (let round = 0; round < rounds; round++) {
      rates.with.push(await throughput(sql));
      if (round === 0)
        report(
          "afterwards",
          (await costs(sql)).filter((s) => Number(s.checkpoint) > last),
        );
      await sql("ALTER STREAMING JOB big SET (checkpoint_interval = '1h')");
      await running(sql);
      await sql("CHECKPOINT STREAMING JOB big");
      rates.without.push(await throughput(sql));
      if (round === rounds - 1) break;
      await sql(`ALTER STREAMING JOB big SET (checkpoint_interval = '${interval}')`);
      await running(sql);
    }
    const sum = (values) => values.reduce((total, value) => total + value, 0);
    const loss = 100 * (1 - sum(rates.with.slice(0, rates.without.length)) / sum(rates.without));
    console.log(
      `throughput             ${rates.with.map((r) => (r / 1e6).toFixed(2)).join(", ")} M rows/s with checkpoints,` +
        ` ${rates.without.map((r) => (r / 1e6).toFixed(2)).join(", ")} without: ${loss.toFixed(1)} % lost`,
    );

    server.child.kill(profile === null ? "SIGKILL" : "SIGTERM");
    await new Promise((resolve) => server.child.once("exit", resolve));
    const start = performance.now();
    server = await startServer(data, nodeFlags);
    const served = performance.now();
    ({ sql } = server);
    await running(sql);
    const end = performance.now();
    console.log(
      `restore                ${((end - start) / 1_000).toFixed(2)} s from the server's start, of which ${((served - start) / 1_000).toFixed(2)} s until it answers`,
    );
  } finally {
    server.child.kill("SIGTERM");
    await new Promise((resolve) => server.child.once("exit", resolve));
    rmSync(directory, { recursive: true, force: true });
  }
}
