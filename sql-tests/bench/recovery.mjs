// npm run bench -- --recovery [--state-mb 100] [--kills 12] [--parallelism 6] [--quiet-s 11] [--fill-s 60] [--log]
//
// How long a job with much keyed state is away when a process is killed with SIGKILL: TaskManagers (three processes of three slots, one of
// them killed at a time and started again at once, as a supervisor would) and the server, in turns. Each kill comes after a completed checkpoint and
// `--quiet-s` seconds of quiet. Times are of a client that asks over HTTP every 10 ms; phases are read from the server's log. The result must
// be that of the same job undisturbed. `--log` prints what the server says.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lineOf, startProcess } from "./processes.mjs";
import { sleep } from "./server.mjs";

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};
const state_mb = Number(option("state-mb", "100"));
const kills = Number(option("kills", "12"));
const parallelism = Number(option("parallelism", "6"));
const quiet_ms = 1_000 * Number(option("quiet-s", "11"));
const shown = process.argv.includes("--log");

const secret = "a secret of the benchmark, shared";
const wait_ms_max = 300_000;
/** As in checkpoints.mjs. */
const text_bytes = 180;
const keys = Math.round((state_mb * 1e6) / (text_bytes + 60));
const rowsPerSecond = 2_000;
/** Enough for the time that the state is filled in and for that of the kills, on a machine that is not busy with other things. */
const touches = Math.round(rowsPerSecond * (Number(option("fill-s", "60")) + kills * (quiet_ms / 1_000 + 8)));

const sources = [
  `CREATE SOURCE fill (k BIGINT, v BIGINT, label TEXT)
     WITH (connector = 'datagen', rows = ${keys}, fields.k.kind = 'sequence', fields.k.start = 0, fields.label.length = ${text_bytes})`,
  ...[
    ["paced", `, rows_per_second = ${rowsPerSecond}`],
    ["whole", ""],
  ].map(
    ([name, pace]) => `CREATE SOURCE ${name}_touches (k BIGINT, v BIGINT, label TEXT)
       WITH (connector = 'datagen', rows = ${touches}, fields.k.min = 0, fields.k.max = ${Math.round(keys / 50)}, fields.label.length = 8${pace})`,
  ),
];
const job = (name) => `CREATE STREAMING JOB ${name} WITH (parallelism = ${parallelism}, checkpoint_interval = '500ms') AS
  SELECT k, count(*) AS n, sum(v) AS total, max(label) AS label FROM (SELECT * FROM fill UNION ALL SELECT * FROM ${name}_touches) GROUP BY k`;

class Cluster {
  server = null;
  port = 0;
  taskManagers = new Map();

  constructor(data) {
    this.data = data;
  }

  startServer() {
    const flags = ["--provider", "standalone", "--cluster-port", String(this.port), "--heartbeat-timeout", "3000"];
    const ports = ["--pg-port", "0", "--http-port", "0"];
    this.server = startProcess(["serve", ...ports, "--data", this.data, ...flags], { MILLRACE_CLUSTER_SECRET: secret });
    if (shown) this.server.child.stderr.pipe(process.stderr, { end: false });
  }

  async answers() {
    await until("the server", () => lineOf(this.server, /data in/) !== null);
    this.url = /(http:\/\/[^/]+)\/v1/.exec(lineOf(this.server, /\/v1\/query/).text)[1];
    this.port = Number(/join at \S+:(\d+)/.exec(lineOf(this.server, /join at/).text)[1]);
  }

  startTaskManager(id) {
    const args = ["taskmanager", "--join", `127.0.0.1:${this.port}`, "--slots", "3", "--id", id];
    this.taskManagers.set(id, startProcess(args, { MILLRACE_CLUSTER_SECRET: secret }));
  }

  async sql(text) {
    const response = await fetch(`${this.url}/v1/query`, { method: "POST", body: JSON.stringify({ sql: text }) });
    const body = await response.json();
    if (body.error) throw new Error(`${body.error.message}\n${text}`);
    return body.rows ?? [];
  }

  async view(name) {
    const response = await fetch(`${this.url}/v1/jobs/${name}`).catch(() => null);
    return response?.ok === true ? response.json() : null;
  }

  async lastCheckpoint(name) {
    const [row] = await this.sql(`SELECT max(id) AS id FROM millrace.checkpoints WHERE job = '${name}' AND status = 'COMPLETED'`);
    return Number(row.id ?? 0);
  }

  async stop() {
    for (const { child, exited } of [...this.taskManagers.values(), this.server]) {
      child.kill("SIGTERM");
      await Promise.race([exited, sleep(10_000)]);
      child.kill("SIGKILL");
    }
  }
}

async function until(what, condition, poll_ms = 10) {
  const deadline = performance.now() + wait_ms_max;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await sleep(poll_ms);
  }
}

const subtasksOf = (view) => view.vertices.flatMap((vertex) => vertex.subtasks);
const runs = (view) => view.state === "RUNNING" && subtasksOf(view).every(({ state }) => state === "RUNNING" || state === "FINISHED");
const attemptOf = (view) => Math.max(0, ...subtasksOf(view).map(({ attempt }) => attempt));

/** One kill and what came of it: moments by phase, in ms after the kill. */
async function recover(cluster, what) {
  const before = attemptOf(await cluster.view("paced"));
  const checkpoint = await cluster.lastCheckpoint("paced");
  const start = performance.now();
  const isServer = what === "server";
  if (isServer) {
    cluster.server.child.kill("SIGKILL");
    await cluster.server.exited;
    cluster.startServer();
    await cluster.answers();
  } else {
    cluster.taskManagers.get(what).child.kill("SIGKILL");
    cluster.startTaskManager(what);
  }
  const answered = performance.now();
  let view = null;
  await until("the job to run again", async () => {
    view = await cluster.view("paced");
    if (view !== null && (view.state === "FAILED" || view.state === "FINISHED"))
      throw new Error(`the job is ${view.state}: --fill-s is too small`);
    return view !== null && runs(view) && attemptOf(view) !== before;
  });
  const running = performance.now();
  await until("a checkpoint", async () => (await cluster.lastCheckpoint("paced")) > checkpoint);
  const completed = performance.now();
  const at = (pattern) => lineOf(cluster.server, pattern, start)?.at ?? Number.NaN;
  const last = (pattern) => cluster.server.lines.findLast(({ at: came, text }) => came >= start && pattern.test(text))?.at ?? Number.NaN;
  const moments = [
    ...(isServer ? [["server answers", answered]] : [["detected", at(/is lost/)]]),
    ...(isServer ? [["slots came", last(/brings \d+ slots/)]] : [["failover decided", at(/restarts in/)]]),
    ["deployed", last(/deployed/)],
    ["restored", last(/goes on from checkpoint/)],
    ["running", running],
    ["first checkpoint", completed],
  ];
  return { what: isServer ? "server" : "TaskManager", moments: new Map(moments.map(([name, moment]) => [name, moment - start])) };
}

const quantile = (values, share) => values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * values.length) - 1)] ?? Number.NaN;

function report(what, recoveries) {
  const own = recoveries.filter((recovery) => recovery.what === what);
  if (own.length === 0) return;
  console.log(`\nkill -9 of ${what === "server" ? "the server" : "a TaskManager"}, ${own.length} times: ms after the kill`);
  console.log(`${"".padEnd(20)}${["p50", "p99", "max"].map((name) => name.padStart(8)).join("")}`);
  for (const name of own[0].moments.keys()) {
    const times = own.map(({ moments }) => moments.get(name)).filter((ms) => !Number.isNaN(ms));
    const figures = [quantile(times, 0.5), quantile(times, 0.99), quantile(times, 1)];
    console.log(`${name.padEnd(20)}${figures.map((ms) => String(Math.round(ms)).padStart(8)).join("")}`);
  }
}

async function ended(cluster, name) {
  await until(
    `the end of job ${name}`,
    async () => {
      const [row] = await cluster.sql(`SELECT state, error FROM millrace.jobs WHERE name = '${name}'`);
      if (row.state === "FAILED") throw new Error(row.error);
      return row.state === "FINISHED";
    },
    100,
  );
}

async function checkResult(cluster) {
  await ended(cluster, "paced");
  await cluster.sql(job("whole"));
  await ended(cluster, "whole");
  const [row] = await cluster.sql(
    `SELECT count(*) AS n FROM ((SELECT * FROM paced EXCEPT ALL SELECT * FROM whole) UNION ALL (SELECT * FROM whole EXCEPT ALL SELECT * FROM paced)) d`,
  );
  const [total] = await cluster.sql("SELECT sum(n) AS rows FROM paced");
  const exact = Number(row.n) === 0 && Number(total.rows) === keys + touches;
  console.log(
    `\nresult: ${exact ? "that of the undisturbed job" : `WRONG: ${row.n} rows differ, ${total.rows} of ${keys + touches} rows counted`}`,
  );
  if (!exact) process.exitCode = 1;
}

export async function benchRecovery() {
  const directory = mkdtempSync(join(tmpdir(), "millrace-bench-"));
  const cluster = new Cluster(join(directory, "data"));
  try {
    cluster.startServer();
    await cluster.answers();
    for (const id of ["a", "b", "c"]) cluster.startTaskManager(id);
    for (const text of sources) await cluster.sql(text);
    await cluster.sql(job("paced"));
    await until("the state", async () => {
      const [row] = await cluster.sql("SELECT sum(records_in) AS n FROM millrace.vertices WHERE job = 'paced' AND name LIKE '%fill%'");
      return Number(row.n ?? 0) >= keys;
    });
    console.log(
      `${keys.toLocaleString("en")} keys, about ${state_mb} MB of state, parallelism ${parallelism} over three TaskManagers of three slots`,
    );
    const recoveries = [];
    for (let i = 0; i < kills; i++) {
      await sleep(quiet_ms);
      const checkpoint = await cluster.lastCheckpoint("paced");
      await until("a checkpoint", async () => (await cluster.lastCheckpoint("paced")) > checkpoint);
      const recovery = await recover(cluster, i % 3 === 2 ? "server" : ["a", "b", "c"][i % 3 === 0 ? i % 2 : 2]);
      console.log(`${i + 1}. ${recovery.what}: ${[...recovery.moments].map(([name, ms]) => `${name} ${Math.round(ms)}`).join(", ")}`);
      recoveries.push(recovery);
    }
    for (const what of ["TaskManager", "server"]) report(what, recoveries);
    await checkResult(cluster);
  } finally {
    await cluster.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}
