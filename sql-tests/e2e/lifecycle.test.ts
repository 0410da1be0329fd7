import { beforeAll, describe, expect, it } from "vitest";
import { eventually, fixture } from "./fixture.ts";

/** The tests of this file follow each other: they are the life of five jobs. */
describe("the life of jobs", { concurrent: false }, () => {
  const f = fixture();
  const state = async (name: string): Promise<string | null | undefined> =>
    (await f.cells(`SELECT state FROM millrace.jobs WHERE name = '${name}'`))[0]?.[0];
  const count = async (table: string): Promise<number> => Number((await f.cells(`SELECT count(*) AS n FROM ${table}`))[0]?.[0]);
  /** No number is missing and none comes twice, up to the greatest. */
  const isWhole = async (table: string): Promise<boolean> =>
    (await f.cells(`SELECT count(*) = count(DISTINCT id) AND count(*) = max(id) - min(id) + 1 AS whole FROM ${table}`))[0]?.[0] === "true";

  beforeAll(async () => {
    const sequence = "'fields.id.kind' = 'sequence'";
    await f.rows(`CREATE SOURCE ids (id BIGINT) WITH (connector = 'datagen', rows_per_second = 500, ${sequence})`);
    await f.rows(`CREATE SOURCE few (id BIGINT) WITH (connector = 'datagen', rows = 100, ${sequence})`);
    await f.rows(`CREATE SOURCE bid WITH (connector = 'nexmark', table = 'bid', rate = 2000)`);
    const job = (name: string, query: string): Promise<unknown> =>
      f.rows(`CREATE STREAMING JOB ${name} WITH (checkpoint_interval = '200ms') AS ${query}`);
    await f.finish("finished", "SELECT id FROM few");
    await job("running", "SELECT id FROM ids");
    await job("paused", "SELECT id FROM ids");
    await job("canceled", "SELECT id FROM ids");
    await job("bids", "SELECT auction % 10 AS a, count(*) AS n FROM bid GROUP BY 1");
  });

  it("PAUSE stands still and RESUME goes on without a gap", async () => {
    await eventually("rows come", async () => (await count("paused")) > 0);
    await f.rows("ALTER STREAMING JOB paused PAUSE");
    expect(await state("paused")).toBe("PAUSED");
    const before = await count("paused");
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await count("paused")).toBe(before);
    expect((await f.refusal("ALTER STREAMING JOB paused PAUSE")).code).toBe("55000");
    await f.rows("ALTER STREAMING JOB paused RESUME");
    await eventually("rows come again", async () => (await count("paused")) > before);
    expect(await isWhole("paused")).toBe(true);
    await f.rows("ALTER STREAMING JOB paused PAUSE");
  });

  it("SET (parallelism) widens a running job, which loses and doubles nothing", async () => {
    const total = async (): Promise<number> => Number((await f.cells("SELECT coalesce(sum(n), 0) AS n FROM bids"))[0]?.[0]);
    await eventually("bids come", async () => (await total()) > 0);
    for (const name of ["running", "bids"]) await f.rows(`ALTER STREAMING JOB ${name} SET (parallelism = 2)`);
    expect(await f.cells("SELECT name, parallelism FROM millrace.jobs WHERE name IN ('running', 'bids') ORDER BY name")).toEqual([
      ["bids", "2"],
      ["running", "2"],
    ]);
    const [rows, sum] = [await count("running"), await total()];
    await eventually("both go on", async () => (await count("running")) > rows && (await total()) > sum);
    expect(await f.cells("SELECT count(*) = count(DISTINCT a) AS one_per_key FROM bids")).toEqual([["true"]]);
    expect(await f.cells("SELECT count(*) = count(DISTINCT id) AS once FROM running")).toEqual([["true"]]);
    expect((await f.refusal("ALTER STREAMING JOB running SET (paralelism = 2)")).hint).toMatch(/"parallelism"/);
  });

  it("SET on a paused job takes effect when it is resumed, on an ended one is refused", async () => {
    await f.rows("ALTER STREAMING JOB paused SET (parallelism = 2)");
    expect(await state("paused")).toBe("PAUSED");
    await f.rows("ALTER STREAMING JOB paused RESUME");
    await eventually("it runs", async () => (await state("paused")) === "RUNNING");
    expect(await f.cells("SELECT parallelism FROM millrace.jobs WHERE name = 'paused'")).toEqual([["2"]]);
    const before = await count("paused");
    await eventually("rows come", async () => (await count("paused")) > before);
    await f.rows("ALTER STREAMING JOB paused PAUSE");
    expect(await f.cells("SELECT count(*) = count(DISTINCT id) AS once FROM paused")).toEqual([["true"]]);
    const refused = await f.refusal("ALTER STREAMING JOB finished SET (parallelism = 2)");
    expect(refused).toMatchObject({ code: "55000", message: 'job "finished" is FINISHED and cannot be altered' });
  });

  it("CHECKPOINT says which checkpoint it made, and it is on record", async () => {
    const [[id] = []] = await f.cells("CHECKPOINT STREAMING JOB running");
    expect(await f.cells(`SELECT status, failure FROM millrace.checkpoints WHERE job = 'running' AND id = ${id}`)).toEqual([
      ["COMPLETED", null],
    ]);
  });

  it("state can be read as tables, by name", async () => {
    const tables = await f.cells("SELECT table_name FROM millrace.state_tables ORDER BY 1");
    expect(tables.length).toBeGreaterThanOrEqual(6);
    for (const [name] of tables) await f.rows(`SELECT * FROM millrace_state."${name}" LIMIT 1`);
    const [groups] = tables.map(([name]) => name).filter((name) => name?.startsWith("bids/groupAggregate"));
    expect(await count(`millrace_state."${groups}"`)).toBeGreaterThan(0);
    for (const table of ["vertices", "subtasks", "watermarks", "metrics", "exceptions"]) await f.rows(`SELECT * FROM millrace.${table}`);
  });

  it("CANCEL ends a job and keeps its result", async () => {
    await eventually("rows come", async () => (await count("canceled")) > 0);
    await f.rows("CANCEL STREAMING JOB canceled");
    expect(await state("canceled")).toBe("CANCELED");
    expect(await isWhole("canceled")).toBe(true);
    expect((await f.refusal("ALTER STREAMING JOB canceled RESUME")).code).toBe("55000");
  });

  it("a restart of the server leaves each job as it was, and what ran goes on", async () => {
    const [finished, paused, canceled] = [await count("finished"), await count("paused"), await count("canceled")];
    await f.restart();
    expect(
      await f.cells(
        "SELECT name, state FROM millrace.jobs WHERE state <> 'RUNNING' AND name <> 'running' AND name <> 'bids' ORDER BY name",
      ),
    ).toEqual([
      ["canceled", "CANCELED"],
      ["finished", "FINISHED"],
      ["paused", "PAUSED"],
    ]);
    await eventually("both run", async () => (await state("running")) === "RUNNING" && (await state("bids")) === "RUNNING");
    const running = await count("running");
    await eventually("rows come", async () => (await count("running")) > running);
    expect(await f.cells("SELECT count(*) = count(DISTINCT id) AS once FROM running")).toEqual([["true"]]);
    expect([await count("finished"), await count("paused"), await count("canceled")]).toEqual([finished, paused, canceled]);
    expect(await f.cells("SELECT parallelism FROM millrace.jobs WHERE name = 'running'")).toEqual([["2"]]);
    await f.rows("ALTER STREAMING JOB paused RESUME");
    await eventually("the paused one goes on", async () => (await count("paused")) > paused);
    expect(await f.cells("SELECT count(*) = count(DISTINCT id) AS once FROM paused")).toEqual([["true"]]);
  });

  it("DROP takes result and state along", async () => {
    for (const name of ["running", "paused", "canceled", "finished", "bids"]) await f.rows(`DROP STREAMING JOB ${name}`);
    expect(await f.cells("SELECT name FROM millrace.jobs")).toEqual([]);
    expect(
      await f.cells(
        "SELECT table_name FROM information_schema.tables WHERE table_schema IN ('public', 'millrace_state') AND table_type <> 'FOREIGN'",
      ),
    ).toEqual([]);
    expect((await f.refusal("SELECT * FROM running")).code).toBe("42P01");
    await f.restart();
    expect(await f.cells("SELECT name FROM millrace.jobs")).toEqual([]);
  });
});
