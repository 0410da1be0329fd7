import { DuckDBInstance } from "@duckdb/node-api";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { beforeAll, describe, expect, it } from "vitest";
import { eventually, fixture } from "./fixture.ts";

describe("savepoints", () => {
  const f = fixture();
  const totals = "SELECT k, count(*) AS n, sum(v) AS total FROM ev GROUP BY k";

  /** The result has taken in so many rows. */
  const shows = (job: string, n: number): Promise<void> =>
    eventually(`${job} comes to ${n}`, async () => (await f.cells(`SELECT coalesce(sum(n), 0) FROM ${job}`))[0]?.[0] === String(n), 30_000);

  const write = (name: string, from: number, to: number): string =>
    f.file(
      `in/${name}.jsonl`,
      Array.from({ length: to - from }, (_, i) => JSON.stringify({ k: `k${(from + i) % 7}`, v: from + i })),
    );

  beforeAll(async () => {
    mkdirSync(join(f.directory, "in"));
    write("a", 0, 100);
    await f.rows(
      `CREATE SOURCE ev (k TEXT, v BIGINT) WITH (connector = 'filesystem', path = '${join(f.directory, "in")}', format = 'json', watch = true, watch_interval = '50ms')`,
    );
    await f.rows(`CREATE STREAMING JOB old WITH (parallelism = 2, checkpoint_interval = '100ms') AS ${totals}`);
    await shows("old", 100);
  });

  it("a new job goes on from a savepoint at another parallelism, each row once", async () => {
    await f.rows("CREATE SAVEPOINT first FOR STREAMING JOB old");
    expect(await f.cells("SELECT name, job, state_rows > 7 FROM millrace.savepoints")).toEqual([["first", "old", "true"]]);
    expect((await f.cells("SHOW SAVEPOINTS"))[0]?.slice(0, 2)).toEqual(["first", "old"]);
    await f.rows(`CREATE STREAMING JOB young WITH (parallelism = 3, checkpoint_interval = '100ms', from_savepoint = first) AS ${totals}`);
    write("b", 100, 150);
    await shows("young", 150);
    await shows("old", 150);
    expect(await f.cells("SELECT * FROM young EXCEPT ALL SELECT * FROM old")).toEqual([]);
  });

  it("the file can be opened and queried by anybody", async () => {
    const [row] = await f.cells("SELECT path FROM millrace.savepoints WHERE name = 'first'");
    const db = await DuckDBInstance.create(row?.[0] ?? "", { access_mode: "READ_ONLY" });
    const connection = await db.connect();
    const ask = async (sql: string): Promise<unknown[][]> => (await connection.runAndReadAll(sql)).getRowsJson() as unknown[][];
    expect(await ask("SELECT job, format FROM millrace.savepoint")).toEqual([["old", 2]]);
    expect(await ask("SELECT sum(n)::INTEGER FROM public.old")).toEqual([[100]]);
    connection.closeSync();
    db.closeSync();
  });

  it("STOP … WITH SAVEPOINT ends the job and saves it to a path; a restart of the server does not restore again", async () => {
    const path = join(f.directory, "saved/stop.duckdb");
    await f.rows(`STOP STREAMING JOB old WITH SAVEPOINT stopped TO '${path}'`);
    expect(await f.cells("SELECT state FROM millrace.jobs WHERE name = 'old'")).toEqual([["PAUSED"]]);
    expect(existsSync(path)).toBe(true);
    await f.rows(`CREATE STREAMING JOB next WITH (checkpoint_interval = '100ms', from_savepoint = '${path}') AS ${totals}`);
    write("c", 150, 170);
    await shows("next", 170);
    await f.restart();
    write("d", 170, 180);
    await shows("next", 180);
  });

  it("state that the job has no operator for is refused, or let go when that is said", async () => {
    const filtered = "SELECT k, v FROM ev WHERE v < 0";
    expect(await f.refusal(`CREATE STREAMING JOB other WITH (from_savepoint = first) AS ${filtered}`)).toMatchObject({
      code: "55000",
      hint: expect.stringMatching(/allow_non_restored_state/),
    });
    await f.rows(`CREATE STREAMING JOB other WITH (from_savepoint = first, allow_non_restored_state = true) AS ${filtered}`);
    await f.rows("DROP STREAMING JOB other");
  });

  it("a savepoint that is not there, is there already, or is no savepoint is a clear error at its place", async () => {
    expect(await f.refusal(`CREATE STREAMING JOB x WITH (from_savepoint = 'frist') AS ${totals}`)).toMatchObject({
      code: "42704",
      word: "'frist'",
      hint: 'Perhaps you meant "first".',
    });
    expect(await f.refusal("CREATE SAVEPOINT first FOR STREAMING JOB next")).toMatchObject({ code: "42710", word: "first" });
    expect(await f.refusal("CREATE SAVEPOINT y FOR STREAMING JOB nobody")).toMatchObject({ word: "nobody" });
    expect(await f.refusal("CREATE SAVEPOINT y FOR STREAMING JOB next TO '/proc/nowhere/y.duckdb'")).toMatchObject({
      code: "58030",
      message: 'cannot make "/proc/nowhere/y.duckdb": no such file or directory',
    });
    const text = f.file("text.duckdb", ["no database"]);
    expect((await f.refusal(`CREATE STREAMING JOB x WITH (from_savepoint = '${text}') AS ${totals}`)).code).toMatch(/^58030|22000$/);
  });

  it("a changed query takes what still fits: an added aggregate begins empty and a NOTICE says so", async () => {
    await f.rows("CREATE SAVEPOINT before FOR STREAMING JOB young");
    const client = new pg.Client({ host: "127.0.0.1", port: f.server().pgPort, user: "test", database: "millrace" });
    const notices: string[] = [];
    client.on("notice", (said) => notices.push(said.message ?? ""));
    await client.connect();
    const changed = "SELECT k, count(*) AS n, max(v) AS top FROM ev GROUP BY k";
    await client.query(`CREATE STREAMING JOB changed WITH (checkpoint_interval = '100ms', from_savepoint = before) AS ${changed}`);
    await client.end();
    expect(notices.join()).toContain("max_v of GroupAggregate takes in only rows from now on");
    const [[before]] = (await f.cells("SELECT sum(n) FROM young")) as [[string]];
    write("changed", 1000, 1007);
    await shows("changed", Number(before) + 7);
    expect(await f.cells("SELECT DISTINCT top >= 1000 FROM changed")).toEqual([["true"]]);
    const other = "SELECT v % 2 AS odd, count(*) AS n FROM ev GROUP BY v % 2";
    expect(await f.refusal(`CREATE STREAMING JOB other WITH (from_savepoint = before) AS ${other}`)).toMatchObject({ code: "55000" });
    await f.rows("DROP STREAMING JOB changed");
  });

  it("damage to a savepoint is found before anything is restored", async () => {
    const path = join(f.directory, "saved/stop.duckdb");
    const damaged = join(f.directory, "saved/damaged.duckdb");
    writeFileSync(damaged, readFileSync(path));
    const db = await DuckDBInstance.create(damaged);
    const connection = await db.connect();
    const tables = await connection.runAndReadAll("SELECT table_name FROM millrace.state_tables WHERE state_table = 'groups'");
    const table = String(tables.getRowsJson()[0]?.[0]);
    await connection.run(`UPDATE millrace_state."${table}" SET "rows" = "rows" + 1`);
    connection.closeSync();
    db.closeSync();
    expect(await f.refusal(`CREATE STREAMING JOB x WITH (from_savepoint = '${damaged}') AS ${totals}`)).toMatchObject({
      code: "22000",
      message: expect.stringMatching(/is damaged/),
    });
    expect(await f.cells("SELECT name FROM millrace.jobs WHERE name = 'x'")).toEqual([]);
  });

  it("DROP SAVEPOINT removes the file", async () => {
    const [row] = await f.cells("SELECT path FROM millrace.savepoints WHERE name = 'first'");
    await f.rows("DROP SAVEPOINT first");
    expect(existsSync(row?.[0] ?? "")).toBe(false);
    expect(await f.refusal("DROP SAVEPOINT first")).toMatchObject({ code: "42704", word: "first" });
  });
});
