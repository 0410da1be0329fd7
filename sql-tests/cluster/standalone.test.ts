import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jobEnded, removeDirectory, type ServerProcess, startServer, temporaryDirectory } from "../runner/server.ts";
import {
  bidCounts,
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
let taskManagers: TaskManagerProcess[] = [];

const start = (clusterPort: number): Promise<ServerProcess> =>
  startServer({
    dataDirectory,
    flags: ["--provider", "standalone", "--cluster-port", String(clusterPort), "--heartbeat-timeout", "3000"],
    environment: { MILLRACE_CLUSTER_SECRET: secret },
  });

beforeAll(async () => {
  server = await start(0);
  taskManagers = ["a", "b"].map((id) => startTaskManager(id, clusterPortOf(server), secret));
  await server.query(bidsSource("bids", events, 0));
  await server.query(bidsSource("paced", events, 60_000));
  await taskManagersCame(server, 2);
});
afterAll(async () => {
  await Promise.all(taskManagers.map((taskManager) => taskManager.stop()));
  await server.stop();
  removeDirectory(dataDirectory);
});

const waiting = async (job: string): Promise<unknown> =>
  (await server.query("SELECT state, waiting FROM millrace.jobs WHERE name = $1", [job]))[0];

describe("TaskManagers that join", { timeout: 180_000 }, () => {
  it("with another secret are refused", async () => {
    const stranger = startTaskManager("stranger", clusterPortOf(server), "another secret altogether");
    await until("the refusal", () => stranger.output().includes("secret"), server);
    expect(await server.query("SELECT id FROM millrace.taskmanagers WHERE id = 'stranger'")).toEqual([]);
    await stranger.stop();
  });

  it("are waited for, visibly, when a job needs more slots than there are", async () => {
    await server.query(`CREATE STREAMING JOB whole WITH (parallelism = 3) AS ${bidCounts("bids")}`);
    expect(await waiting("whole")).toEqual({ state: "CREATED", waiting: "waits for 3 slots, 2 are free" });
    const overview = (await (await fetch(`${server.httpUrl}/overview`)).json()) as object;
    expect(overview).toMatchObject({ taskmanagers: 2, "slots-total": 2, "slots-available": 2 });
    taskManagers.push(startTaskManager("c", clusterPortOf(server), secret));
    expect(await jobEnded(server, "whole", 120_000)).toBe("FINISHED");
    expect(await waiting("whole")).toEqual({ state: "FINISHED", waiting: null });
  });

  it("do no harm when they wake up after they were given up, nor when the server is killed", async () => {
    await server.query(`CREATE STREAMING JOB j WITH (parallelism = 2, checkpoint_interval = '200ms') AS ${bidCounts("paced")}`);
    await until("a checkpoint", async () => (await server.query("SELECT 1 FROM j LIMIT 1")).length > 0, server);
    const [victim] = await server.query("SELECT taskmanager AS id FROM millrace.slots WHERE job = 'j' ORDER BY slot");
    const zombie = taskManagers["abc".indexOf(String(victim?.["id"]))] as TaskManagerProcess;
    zombie.signal("SIGSTOP");
    await until("the loss", () => server.output().includes(`TaskManager ${String(victim?.["id"])} is lost`), server);
    zombie.signal("SIGCONT");
    await until("its end", () => zombie.output().includes("all tasks end"), server);
    const clusterPort = clusterPortOf(server);
    await server.kill();
    server = await start(clusterPort);
    await taskManagersCame(server, 2);
    expect(await jobEnded(server, "j", 120_000)).toMatch(/^FINISHED/);
    expect(await difference(server, "j", "whole")).toBe(0);
  });
});
