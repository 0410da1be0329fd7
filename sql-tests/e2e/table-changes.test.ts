import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { removeDirectory, type ServerProcess, startServer, temporaryDirectory } from "../runner/server.ts";

/** Whatever was committed when the server died must be in every result once, and nothing else. */
describe("changes of a table, with the server killed between", { concurrent: false, timeout: 60_000 }, () => {
  const dataDirectory = temporaryDirectory();
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startServer({ dataDirectory });
  });
  afterAll(async () => {
    await server.stop();
    removeDirectory(dataDirectory);
  });

  const cells = async (sql: string): Promise<readonly (readonly string[])[]> =>
    (await server.query(sql)).map((row) => Object.values(row).map(String));

  /** Changes the table from two connections until the server is gone. */
  async function change(seed: number): Promise<void> {
    const worker = async (n: number): Promise<void> => {
      const client = new pg.Client({ host: "127.0.0.1", port: server.pgPort, user: "test", database: "millrace" });
      client.on("error", () => undefined);
      await client.connect();
      for (let i = 0; ; i++) {
        const key = 10_000 * n + ((seed * 977 + i * 131) % 400);
        await client.query("INSERT INTO t VALUES ($1, $2, 1) ON CONFLICT (id) DO UPDATE SET n = t.n + 1", [key, `g${key % 7}`]);
        if (i % 3 === 0)
          await client.query("UPDATE t SET g = 'g' || (id + $1::int) % 7 WHERE id % 50 = 1 AND id >= $2 AND id < $2 + 10000", [
            i,
            10_000 * n,
          ]);
        if (i % 5 === 0)
          await client.query(
            `BEGIN; DELETE FROM t WHERE id = ${key - 3}; INSERT INTO t VALUES (${-seed * 100_000 - n * 10_000 - i}, 'new', 5); COMMIT`,
          );
        if (i % 7 === 0) await client.query(`BEGIN; DELETE FROM t WHERE id >= ${10_000 * n} AND id < ${10_000 * n + 10_000}; ROLLBACK`);
      }
    };
    await Promise.all([worker(1), worker(2)].map((work) => work.catch(() => undefined)));
  }

  const differences = async (): Promise<readonly (readonly string[])[]> => {
    const pairs = [
      ["groups", "SELECT g, count(*) AS rows, sum(n) AS total FROM t GROUP BY g"],
      ["copy", "SELECT id, g, n FROM t"],
      [
        "summary",
        "SELECT sum(rows)::BIGINT AS rows, sum(total)::BIGINT AS total FROM (SELECT count(*) AS rows, sum(n) AS total FROM t GROUP BY g)",
      ],
    ];
    const found: (readonly string[])[] = [];
    for (const [table, query] of pairs) {
      const sql = `SELECT * FROM ((FROM ${table} EXCEPT ALL (${query})) UNION ALL ((${query}) EXCEPT ALL FROM ${table})) LIMIT 3`;
      found.push(...(await cells(sql)).map((row) => [String(table), ...row]));
    }
    return found;
  };

  it("leaves every job with what is in the table", async () => {
    await server.query("CREATE TABLE t (id BIGINT PRIMARY KEY, g TEXT, n BIGINT)");
    await server.query("INSERT INTO t SELECT i, 'g' || i % 7, 1 FROM range(20000) r(i)");
    const create = (name: string, query: string): Promise<unknown> =>
      server.query(`CREATE STREAMING JOB ${name} WITH (checkpoint_interval = '100ms') AS ${query}`);
    await create("groups", "SELECT g, count(*) AS rows, sum(n) AS total FROM t GROUP BY g");
    await create("summary", "SELECT sum(rows)::BIGINT AS rows, sum(total)::BIGINT AS total FROM groups");
    for (const after_ms of [300, 900, 1_400]) {
      const changing = change(after_ms);
      if (after_ms === 900) await create("copy", "SELECT id, g, n FROM t");
      await new Promise((resolve) => setTimeout(resolve, after_ms));
      await server.kill();
      await changing;
      server = await startServer({ dataDirectory });
      if (after_ms === 900) await server.query("ALTER STREAMING JOB groups SET (parallelism = 2)");
    }
    await server.query("FLUSH");
    expect(await differences()).toEqual([]);
    expect(Number((await cells("SELECT count(*) FROM t"))[0]?.[0])).toBeGreaterThan(20_000);
  });

  it("a paused job misses nothing, and FLUSH says that it does not run", async () => {
    await server.query("ALTER STREAMING JOB groups PAUSE");
    await server.query("UPDATE t SET n = n + 1");
    await expect(server.query("FLUSH")).rejects.toMatchObject({ code: "55000", message: expect.stringMatching(/"groups": it is PAUSED/) });
    await server.query("ALTER STREAMING JOB groups RESUME");
    await server.query("FLUSH");
    expect(await differences()).toEqual([]);
  });

  it("FLUSH can be canceled, and leaves with its time-out", async () => {
    const client = new pg.Client({ host: "127.0.0.1", port: server.pgPort, user: "test", database: "millrace" });
    await client.connect();
    await client.query("SET statement_timeout = '1ms'");
    await expect(client.query("FLUSH")).rejects.toMatchObject({ code: "57014" });
    await client.end();
  });

  it("the log goes when its rows are read, and with its last reader", async () => {
    const logs = (): Promise<readonly (readonly string[])[]> =>
      cells(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'millrace_state' AND table_name LIKE '%/changes' ORDER BY 1",
      );
    expect(await logs()).toEqual([["groups/changes"], ["t/changes"]]);
    await server.query("DROP STREAMING JOB groups CASCADE");
    await server.query("UPDATE t SET n = 0");
    await server.query("FLUSH");
    expect(await cells("SELECT count(*), sum(n) FROM copy")).toEqual(await cells("SELECT count(*), sum(n) FROM t"));
    await server.query("CANCEL STREAMING JOB copy");
    expect(await logs()).toEqual([]);
    expect(await cells("SELECT count(*) FROM millrace.table_readers")).toEqual([["0"]]);
    await server.query("DELETE FROM t; FLUSH; DROP STREAMING JOB copy");
  });
});
