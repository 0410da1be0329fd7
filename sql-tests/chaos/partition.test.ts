import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  bidsSource,
  clusterPortOf,
  startTaskManager,
  taskManagersCame,
  type TaskManagerProcess,
  until,
} from "../cluster/cluster-harness.ts";
import { jobEnded, removeDirectory, type ServerProcess, startServer, temporaryDirectory } from "../runner/server.ts";
import { type Host, type Hosts, makeHosts } from "./hosts.ts";
import { sleep } from "./sleep.ts";

const secret = "a secret of the tests, shared";
const rate = 20_000;
const events = 700_000;

const made = ((): Hosts | string => {
  try {
    return makeHosts(2);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
})();
if (typeof made === "string")
  process.stderr.write(`\nSKIPPED: no network namespaces here, so partitions of a cluster were not tried (${made})\n`);

/** The server is on one machine, two TaskManagers are on two others; every bid must reach the table and the files once. */
describe.skipIf(typeof made === "string")("a cluster over three machines", { timeout: 240_000 }, () => {
  const hosts = made as Hosts;
  const directory = temporaryDirectory();
  let server: ServerProcess;
  let taskManagers: readonly TaskManagerProcess[] = [];

  beforeAll(async () => {
    server = await startServer({
      dataDirectory: join(directory, "data"),
      flags: ["--provider", "standalone", "--cluster-host", hosts.address, "--cluster-port", "0", "--heartbeat-timeout", "2000"],
      environment: { MILLRACE_CLUSTER_SECRET: secret },
    });
    taskManagers = hosts.others.map((host, i) =>
      startTaskManager(`tm${i}`, clusterPortOf(server), secret, ["--slots", "2", "--data-host", host.address], host),
    );
    await taskManagersCame(server, 2);
    await server.query(bidsSource("paced", events, rate));
    await server.query(
      `CREATE SINK files (auction BIGINT, bidder BIGINT, price BIGINT, date_time TIMESTAMP)
         WITH (connector = 'filesystem', path = '${directory}/files', format = 'csv')`,
    );
    await server.query(`CREATE STREAMING JOB j WITH (parallelism = 3, checkpoint_interval = '300ms', restart_delay = '200ms') AS BEGIN
      INSERT INTO files SELECT auction, bidder, price, date_time FROM paced;
      INSERT INTO files SELECT auction, 0 - count(*) AS bidder, max(price) AS price, window_start FROM TUMBLE(paced, date_time, INTERVAL '1' SECOND)
        GROUP BY auction, window_start;
    END`);
  });
  afterAll(async () => {
    for (const host of hosts.others) host.heal();
    await Promise.all(taskManagers.map((taskManager) => taskManager.stop()));
    await server.stop();
    removeDirectory(directory);
    hosts.remove();
  });

  const restarts = async (): Promise<number> => Number((await server.query("SELECT restarts FROM millrace.jobs"))[0]?.["restarts"]);
  const checkpoint = async (): Promise<number> =>
    Number((await server.query("SELECT max(id) AS id FROM millrace.checkpoints WHERE status = 'COMPLETED'"))[0]?.["id"] ?? 0);
  const goesOn = async (): Promise<void> => {
    const before = await checkpoint();
    await until("two checkpoints", async () => (await checkpoint()) > before + 1, server);
  };

  it("survives a machine that is cut off and comes back", async () => {
    await goesOn();
    const [cut] = hosts.others as readonly [Host];
    const before = await restarts();
    cut.cut();
    await until("the loss of tm0", () => server.output().includes("TaskManager tm0 is lost"), server);
    // It was given up and does not know whether anybody else works on: its tasks must end before it hears from us again.
    await until("the end of its tasks", () => taskManagers[0]?.output().includes("all tasks end") === true, server);
    cut.heal();
    await until(
      "its return",
      async () => (await server.query("SELECT 1 FROM millrace.taskmanagers WHERE id = 'tm0'")).length === 1,
      server,
    );
    await goesOn();
    expect(await restarts()).toBeGreaterThan(before);
  });

  it("bears a cut that is shorter than the time-out", async () => {
    const [, other] = hosts.others as readonly [Host, Host];
    const before = await restarts();
    other.cut();
    await sleep(600);
    other.heal();
    await goesOn();
    expect(await restarts()).toBe(before);
  });

  it("restarts where two TaskManagers no longer hear each other though the server hears both", async () => {
    const before = await restarts();
    for (const host of hosts.others) host.isolate(true);
    await until("a restart", async () => (await restarts()) > before, server);
    for (const host of hosts.others) host.isolate(false);
    await goesOn();
    expect(await server.query("SELECT count(*)::INT AS n FROM millrace.taskmanagers")).toEqual([{ n: 2 }]);
  });

  it("has every row once, in the end", async () => {
    expect(await jobEnded(server, "j", 200_000)).toMatch(/^FINISHED/);
    const bids = (events / 50) * 46;
    const rows = readdirSync(join(directory, "files"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".csv"))
      .flatMap((name) =>
        readFileSync(join(directory, "files", name), "utf8")
          .trimEnd()
          .split("\n"),
      )
      .map((line) => line.split(","))
      .filter(([auction]) => /^\d+$/.test(auction ?? ""));
    const raw = rows.filter(([, bidder]) => !bidder?.startsWith("-"));
    const counted = rows.filter(([, bidder]) => bidder?.startsWith("-") === true).reduce((sum, [, bidder]) => sum - Number(bidder), 0);
    expect({ raw: raw.length, counted }).toEqual({ raw: bids, counted: bids });
  });
});
