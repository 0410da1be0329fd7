import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { removeDirectory, type ServerProcess, startServer, temporaryDirectory } from "../runner/server.ts";
import { bidCounts, bidsSource, taskManagersCame } from "./cluster-harness.ts";

const timeout_ms = 3_000;
const dataDirectory = temporaryDirectory();
let server: ServerProcess;
beforeAll(async () => {
  const cluster = ["--provider", "processes", "--task-managers", "2", "--slots", "1", "--cluster-port", "0"];
  server = await startServer({ dataDirectory, flags: [...cluster, "--heartbeat-timeout", String(timeout_ms)] });
  await taskManagersCame(server, 2);
  await server.query(bidsSource("endless", 100_000_000, 1_000));
});
afterAll(async () => {
  await server.stop();
  removeDirectory(dataDirectory);
});

/** Stops a TaskManager of the job in its tracks: it holds its slot, its tasks and its connections, and says nothing. */
async function hang(job: string): Promise<number> {
  const [used] = await server.query(
    "SELECT pid FROM millrace.slots JOIN millrace.taskmanagers t ON t.id = taskmanager WHERE job = $1 ORDER BY slot LIMIT 1",
    [job],
  );
  const pid = Number(used?.["pid"]);
  process.kill(pid, "SIGSTOP");
  return pid;
}

describe("a TaskManager that hangs while its job", { timeout: 90_000 }, () => {
  it.each(["CANCEL STREAMING JOB j", "DROP STREAMING JOB j"])("is told %s: the statement ends, and the process too", async (sql) => {
    await server.query("DROP STREAMING JOB IF EXISTS j");
    await expect
      .poll(async () => (await server.query("SELECT 1 FROM millrace.slots WHERE state = 'free'")).length, { timeout: 60_000 })
      .toBe(2);
    await server.query(`CREATE STREAMING JOB j WITH (parallelism = 2, checkpoint_interval = '200ms') AS ${bidCounts("endless")}`);
    await expect
      .poll(() => server.query("SELECT DISTINCT state FROM millrace.subtasks WHERE job = 'j'"), { timeout: 20_000 })
      .toEqual([{ state: "RUNNING" }]);
    const pid = await hang("j");
    const start_ms = Date.now();
    await server.query(sql);
    expect(Date.now() - start_ms).toBeLessThan(timeout_ms + 15_000);
    const states = await server.query("SELECT state FROM millrace.jobs WHERE name = 'j'");
    expect(states).toEqual(sql.startsWith("DROP") ? [] : [{ state: "CANCELED" }]);
    await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false);
    await expect
      .poll(async () => (await server.query("SELECT 1 FROM millrace.slots WHERE state = 'free'")).length, { timeout: 60_000 })
      .toBe(2);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
