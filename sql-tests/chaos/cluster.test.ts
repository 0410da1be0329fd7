import { afterAll, beforeAll, expect, it } from "vitest";
import { bidCounts, bidsSource, difference, taskManagersCame, until } from "../cluster/cluster-harness.ts";
import { jobEnded, removeDirectory, temporaryDirectory } from "../runner/server.ts";
import { type Fault, ShakenCluster } from "./faults.ts";
import { sleep } from "./sleep.ts";

/** `CHAOS_FAULTS=50 CHAOS_SEED=1 npm run chaos:cluster` is the long form. */
const faults_count = Number(process.env["CHAOS_FAULTS"] ?? 2);
const seed = Number(process.env["CHAOS_SEED"] ?? 1);

/** Bids come for as long as the faults last: so many seconds are enough for each. */
const perFault_s = 7;
const rate = 20_000;
const events = rate * perFault_s * faults_count;

const dataDirectory = temporaryDirectory();
const cluster = new ShakenCluster(dataDirectory, seed);
beforeAll(() => cluster.start());
afterAll(async () => {
  await cluster.stop();
  removeDirectory(dataDirectory);
});

const job_ms_max = (60 + 2 * perFault_s * faults_count) * 1_000;

it(`a job of parallelism 6 over three TaskManagers stays exact through ${faults_count} faults (seed ${seed})`, {
  timeout: 2 * job_ms_max,
}, async () => {
  await taskManagersCame(cluster.server, 3);
  await cluster.server.query(bidsSource("bids", events, 0));
  await cluster.server.query(bidsSource("paced", events, rate));
  const options = "WITH (parallelism = 6, checkpoint_interval = '500ms', restart_delay = '100ms')";
  await cluster.server.query(`CREATE STREAMING JOB shaken ${options} AS ${bidCounts("paced")}`);
  const faults: Fault[] = [];
  for (let i = 0; i < faults_count; i++) {
    const checkpoint = await lastCheckpoint();
    await until("a checkpoint", async () => (await lastCheckpoint()) > checkpoint, cluster.server);
    await sleep(200);
    const fault = await cluster.fault("shaken");
    faults.push(fault);
    process.stdout.write(`${i + 1}. ${fault.what}: ${fault.recovery_ms === null ? "no restart" : `${Math.round(fault.recovery_ms)} ms`}\n`);
  }
  expect(await jobEnded(cluster.server, "shaken", job_ms_max)).toMatch(/^FINISHED/);
  process.stdout.write(`recovery after kills, ms: ${percentiles(faults)}\n`);
  await taskManagersCame(cluster.server, 3);
  await cluster.server.query(`CREATE STREAMING JOB whole WITH (parallelism = 3) AS ${bidCounts("bids")}`);
  expect(await jobEnded(cluster.server, "whole", job_ms_max)).toBe("FINISHED");
  expect(await difference(cluster.server, "shaken", "whole")).toBe(0);
  expect(Number((await cluster.server.query("SELECT sum(bids) AS n FROM shaken"))[0]?.["n"])).toBe((events / 50) * 46);
});

async function lastCheckpoint(): Promise<number> {
  const [row] = await cluster.server.query("SELECT max(id) AS id FROM millrace.checkpoints WHERE job = 'shaken' AND status = 'COMPLETED'");
  return Number(row?.["id"] ?? 0);
}

function percentiles(faults: readonly Fault[]): string {
  const times = faults
    .flatMap(({ what, recovery_ms }) => (recovery_ms !== null && what.startsWith("kill") ? [Math.round(recovery_ms)] : []))
    .sort((a, b) => a - b);
  const at = (share: number): number | undefined => times[Math.min(times.length - 1, Math.floor(share * times.length))];
  return `n = ${times.length}, p50 ${at(0.5)}, p99 ${at(0.99)}, max ${times.at(-1)}`;
}
