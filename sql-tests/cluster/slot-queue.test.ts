import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { removeDirectory, type ServerProcess, startServer, temporaryDirectory } from "../runner/server.ts";
import { bidCounts, bidsSource, taskManagersCame, until } from "./cluster-harness.ts";

const dataDirectory = temporaryDirectory();
let server: ServerProcess;
beforeAll(async () => {
  const flags = ["--provider", "processes", "--task-managers", "3", "--slots", "1", "--cluster-port", "0"];
  server = await startServer({ dataDirectory, flags });
  await taskManagersCame(server, 3);
  await server.query(bidsSource("endless", 100_000_000, 1_000));
});
afterAll(async () => {
  await server.stop();
  removeDirectory(dataDirectory);
});

const create = (name: string, parallelism: number): Promise<unknown> =>
  server.query(
    `CREATE STREAMING JOB ${name} WITH (parallelism = ${parallelism}, checkpoint_interval = '200ms', restart_strategy = 'fixed-delay', restart_delay = '2s') AS ${bidCounts("endless")}`,
  );
const jobs = async (): Promise<readonly (readonly unknown[])[]> =>
  (await server.query("SELECT name, state, waiting FROM millrace.jobs ORDER BY name")).map((row) => Object.values(row));
const soon = { timeout: 60_000 };

describe("jobs that wait for slots", { timeout: 120_000 }, () => {
  it("are served in the order in which they were started, and say whom they wait for", async () => {
    await create("a", 2);
    await create("big", 3);
    await create("small", 1);
    const kept = 'waits for 1 slots, 1 are free and kept for job "big", which came before';
    expect(await jobs()).toEqual([
      ["a", "RUNNING", null],
      ["big", "CREATED", "waits for 3 slots, 1 are free"],
      ["small", "CREATED", kept],
    ]);
    const { jobs: overHttp } = (await (await fetch(`${server.httpUrl}/v1/jobs`)).json()) as {
      jobs: readonly { name: string; waiting: string | null }[];
    };
    expect(overHttp.find(({ name }) => name === "small")?.waiting).toBe(kept);
    await server.query("DROP STREAMING JOB a");
    await expect.poll(jobs, soon).toEqual([
      ["big", "RUNNING", null],
      ["small", "CREATED", "waits for 1 slots, 0 are free"],
    ]);
  });

  it("do not take the slots of one that restarts", async () => {
    const [{ pid } = {}] = await server.query("SELECT pid FROM millrace.taskmanagers LIMIT 1");
    process.kill(Number(pid), "SIGKILL");
    await until(
      "the restart",
      async () => Number((await server.query("SELECT restarts FROM millrace.jobs WHERE name = 'big'"))[0]?.["restarts"]) > 0,
      server,
    );
    await expect.poll(jobs, soon).toEqual([
      ["big", "RUNNING", null],
      ["small", "CREATED", "waits for 1 slots, 0 are free"],
    ]);
  });

  it("are not held up by one that needs more slots than there are", async () => {
    await server.query("DROP STREAMING JOB big");
    await expect.poll(jobs, soon).toEqual([["small", "RUNNING", null]]);
    await create("huge", 4);
    await create("other", 2);
    await expect.poll(jobs, soon).toEqual([
      ["huge", "CREATED", "waits for 4 slots, 0 are free"],
      ["other", "RUNNING", null],
      ["small", "RUNNING", null],
    ]);
  });
});
