import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jobEnded, removeDirectory, type ServerProcess, startServer, temporaryDirectory } from "../runner/server.ts";
import { bidCounts, bidsSource, difference, taskManagersCame, until } from "./cluster-harness.ts";

const events = 400_000;
const dataDirectory = temporaryDirectory();
let server: ServerProcess;
beforeAll(async () => {
  const flags = ["--provider", "processes", "--task-managers", "3", "--slots", "1", "--cluster-port", "0"];
  server = await startServer({ dataDirectory, flags });
  await taskManagersCame(server, 3);
  await server.query(bidsSource("bids", events, 0));
  await server.query(bidsSource("paced", events, 40_000));
});
afterAll(() => removeDirectory(dataDirectory));

describe("TaskManager processes", { timeout: 120_000 }, () => {
  it("run a job together", async () => {
    await server.query(`CREATE STREAMING JOB whole WITH (parallelism = 3, checkpoint_interval = '200ms') AS ${bidCounts("bids")}`);
    expect(await jobEnded(server, "whole", 100_000)).toBe("FINISHED");
    expect(await server.query("SELECT sum(bids) AS bids FROM whole")).toEqual([{ bids: String((events / 50) * 46) }]);
  });

  it("take over from one that is killed, and it is replaced", async () => {
    await server.query(`CREATE STREAMING JOB j WITH (parallelism = 2, checkpoint_interval = '200ms') AS ${bidCounts("paced")}`);
    const used = "SELECT pid, slot FROM millrace.slots JOIN millrace.taskmanagers t ON t.id = taskmanager WHERE job = 'j' ORDER BY slot";
    const [victim, other] = await server.query(used);
    expect(other).toBeDefined();
    await until("a checkpoint", async () => (await server.query("SELECT 1 FROM j LIMIT 1")).length > 0, server);
    process.kill(Number(victim?.["pid"]), "SIGKILL");
    expect(await jobEnded(server, "j", 100_000)).toMatch(/^FINISHED/);
    const [job] = await server.query("SELECT restarts FROM millrace.jobs WHERE name = 'j'");
    expect(Number(job?.["restarts"])).toBeGreaterThan(0);
    expect(await difference(server, "j", "whole")).toBe(0);
    await taskManagersCame(server, 3);
  });

  it("tell of themselves: logs, threads, where the time of a vertex goes", async () => {
    await taskManagersCame(server, 3);
    await server.query(`CREATE STREAMING JOB watched WITH (parallelism = 2) AS ${bidCounts("paced")}`);
    const ask = async (path: string): Promise<string> => {
      const answer = await fetch(`${server.httpUrl}${path}`);
      expect({ path, status: answer.status }).toEqual({ path, status: 200 });
      return answer.text();
    };
    for (const id of ["taskmanager-1", "taskmanager-2", "taskmanager-3"]) {
      expect(await ask(`/taskmanagers/${id}/logs`)).toContain('"taskmanager.log"');
      expect(await ask(`/taskmanagers/${id}/log`)).toMatch(/info: registered at \S+, epoch \d+/);
      expect(await ask(`/taskmanagers/${id}/logs/taskmanager.log`)).toContain("registered at");
      expect(await ask(`/taskmanagers/${id}/stdout`)).toBe("");
      expect(await ask(`/taskmanagers/${id}/thread-dump`)).toMatch(/"threadName":"slot-0"/);
    }
    expect((await fetch(`${server.httpUrl}/taskmanagers/taskmanager-9/log`)).status).toBe(404);
    expect((await fetch(`${server.httpUrl}/taskmanagers/taskmanager-1/logs/..%2Fstore.duckdb`)).status).toBe(404);
    const [job] = await server.query("SELECT id FROM millrace.jobs WHERE name = 'watched'");
    const { vertices } = JSON.parse(await ask(`/jobs/${String(job?.["id"])}`)) as { readonly vertices: readonly { readonly id: string }[] };
    const graph = await ask(`/jobs/${String(job?.["id"])}/vertices/${vertices[0]?.id}/flamegraph?type=full`);
    expect(JSON.parse(graph)).toMatchObject({ data: { name: "root", value: expect.any(Number) } });
    expect(graph).toMatch(/mailbox\.js:\d+/);
    await server.query("CANCEL STREAMING JOB watched");
  });

  it("do not outlive their server, whatever it dies of", async () => {
    await taskManagersCame(server, 3);
    const pids = (await server.query("SELECT pid FROM millrace.taskmanagers")).map(({ pid }) => Number(pid));
    expect(pids.filter(isAlive)).toHaveLength(3);
    await server.kill();
    await until("their end", () => !pids.some(isAlive), server);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
