import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jobEnded, removeDirectory, type ServerProcess, startServer, temporaryDirectory } from "../runner/server.ts";
import {
  bidsSource,
  clusterPortOf,
  difference,
  startTaskManager,
  taskManagersCame,
  type TaskManagerProcess,
  until,
} from "./cluster-harness.ts";

const secret = "a secret of the tests, shared";
const events = 400_000;
const dataDirectory = temporaryDirectory();
let server: ServerProcess;
const taskManagers = new Map<string, TaskManagerProcess>();

/** Windows whose results take their time: rows wait in front of them. */
const counts = (source: string, turns: number): string =>
  `SELECT auction, window_start, slowly(count(*), ${turns}) AS bids, max(price) AS highest
     FROM TUMBLE(${source}, date_time, INTERVAL '1' SECOND) GROUP BY auction, window_start`;

beforeAll(async () => {
  const flags = ["--provider", "standalone", "--cluster-port", "0", "--heartbeat-timeout", "3000"];
  server = await startServer({ dataDirectory, flags, environment: { MILLRACE_CLUSTER_SECRET: secret } });
  for (const id of ["a", "b"]) taskManagers.set(id, startTaskManager(id, clusterPortOf(server), secret));
  await server.query(bidsSource("bids", events, 0));
  await server.query(`CREATE FUNCTION slowly(n BIGINT, turns INT) RETURNS BIGINT LANGUAGE javascript AS $$
    let x = 0; for (let i = 0; i < turns; i++) x = (x * 31 + i) % 1000003; return x < 0 ? 0n : n; $$`);
  await taskManagersCame(server, 2);
  await server.query(`CREATE STREAMING JOB whole AS ${counts("bids", 0)}`);
  await jobEnded(server, "whole", 120_000);
}, 180_000);
afterAll(async () => {
  await Promise.all([...taskManagers.values()].map((taskManager) => taskManager.stop()));
  await server.stop();
  removeDirectory(dataDirectory);
});

interface Checkpoints {
  readonly latest: { readonly completed: { readonly checkpoint_type: string; readonly persisted_data: number } | null };
}

const tries_max = 12;

/** Starts the job anew until it has lost its slots with a last checkpoint that overtook rows. */
async function lostAfterOvertaking(name: string): Promise<void> {
  for (let i = 0; i < tries_max; i++) {
    if (!taskManagers.has("b")) taskManagers.set("b", startTaskManager("b", clusterPortOf(server), secret));
    await taskManagersCame(server, 2);
    await server.query(`DROP STREAMING JOB IF EXISTS ${name}`);
    await server.query(
      `CREATE STREAMING JOB ${name} WITH (parallelism = 2, checkpoint_interval = '300ms', unaligned_checkpoints = on) AS ${counts("bids", 8_000)}`,
    );
    const id = String((await server.query("SELECT id FROM millrace.jobs WHERE name = $1", [name]))[0]?.["id"]);
    while (!(await overtook(id)) && !(await hasEnded(id))) await new Promise((resolve) => setTimeout(resolve, 20));
    if (await hasEnded(id)) continue;
    taskManagers.get("b")?.signal("SIGKILL");
    taskManagers.delete("b");
    const waits = async (): Promise<unknown> =>
      (await server.query("SELECT waiting FROM millrace.jobs WHERE name = $1", [name]))[0]?.["waiting"];
    await until("the wait for slots", async () => String(await waits()).includes("waits") || (await hasEnded(id)), server);
    if (!(await hasEnded(id)) && (await overtook(id))) return;
  }
  throw new Error(`no checkpoint overtook rows\n${server.output()}`);
}

async function overtook(id: string): Promise<boolean> {
  const { completed } = ((await asked(`/jobs/${id}/checkpoints`)) as Checkpoints).latest;
  return completed?.checkpoint_type === "UNALIGNED_CHECKPOINT" && completed.persisted_data > 0;
}

const hasEnded = async (id: string): Promise<boolean> =>
  ["FINISHED", "FAILED"].includes(((await asked(`/jobs/${id}/status`)) as { readonly status: string }).status);

const asked = async (path: string): Promise<unknown> => (await fetch(`${server.httpUrl}${path}`)).json();

describe("a job that goes by event time and has lost its slots", { timeout: 180_000 }, () => {
  it.each([
    ["altered", ["ALTER STREAMING JOB altered SET (parallelism = 1)"]],
    [
      "paused",
      ["ALTER STREAMING JOB paused PAUSE", "ALTER STREAMING JOB paused SET (parallelism = 1)", "ALTER STREAMING JOB paused RESUME"],
    ],
  ])("goes on at another parallelism from a checkpoint that overtook rows, with the same result: %s", async (name, statements) => {
    await lostAfterOvertaking(name);
    for (const statement of statements) await server.query(statement);
    expect(await jobEnded(server, name, 120_000)).toMatch(/^FINISHED/);
    expect(server.output()).toMatch(new RegExp(`job "${name}".*which overtook rows, to an aligned checkpoint`));
    expect(await difference(server, name, "whole")).toBe(0);
  });
});
