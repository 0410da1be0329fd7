import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ServerProcess, startServer, temporaryDirectory, removeDirectory } from "../runner/server.ts";
import { flink, flinkClient } from "./flink-client.ts";
import { whyMissing } from "./maven.ts";

const missing = await whyMissing("Flink's own client", flinkClient());

/** Flink's command line works against Millrace's REST interface as against a Flink cluster. */
describe.skipIf(missing !== null)("Flink's command line", { timeout: 240_000 }, () => {
  const directory = temporaryDirectory();
  let server: ServerProcess;
  let id = "";
  const run = (...args: readonly string[]): Promise<string> => flink(server.httpUrl, ...args);

  beforeAll(async () => {
    server = await startServer({ dataDirectory: `${directory}/data` });
    await server.query("CREATE SOURCE ticks (n BIGINT) WITH (connector = 'datagen', rows_per_second = 100)");
    await server.query("CREATE STREAMING JOB per_key WITH (parallelism = 2) AS SELECT n % 5 AS k, count(*) AS c FROM ticks GROUP BY n % 5");
    id = String((await server.query("SELECT id FROM millrace.jobs"))[0]?.["id"]);
  });
  afterAll(async () => {
    await server.stop();
    removeDirectory(directory);
  });

  it("lists jobs", async () => {
    expect(await run("list")).toMatch(new RegExp(`${id} : per_key \\(RUNNING\\)`));
  });

  it("takes a savepoint and a checkpoint", async () => {
    expect(await run("savepoint", id, `${directory}/savepoints`)).toMatch(/Savepoint completed\. Path: .*savepoints\/per_key-\w+\.duckdb/);
    expect(await run("checkpoint", id)).toMatch(/Checkpoint \d+ for job \w+ completed/);
  });

  it("stops a job with a savepoint, and cancels it", async () => {
    expect(await run("stop", "--savepointPath", `${directory}/savepoints`, id)).toMatch(/Savepoint completed\. Path/);
    expect(await run("list", "-a")).toMatch(/per_key \(SUSPENDED\)/);
    await run("cancel", id);
    expect(await run("list", "-a")).toMatch(/Terminated Jobs[^]*per_key \(CANCELED\)/);
  });

  it("is told what does not exist", async () => {
    await expect(run("cancel", "00000000000000000000000000000000")).rejects.toThrow(/job 0{32} not found/);
  });
});
