import { DuckDBInstance } from "@duckdb/node-api";
import { beforeAll, describe, expect, it } from "vitest";
import { fixture } from "./fixture.ts";

describe("savepoints of jobs that read tables", () => {
  const f = fixture();
  const quick = "checkpoint_interval = '50ms'";
  const totals = "SELECT o.k, count(*) AS n, sum(o.v) AS total, max(o.v) AS most FROM orders o GROUP BY o.k";
  const joined =
    "SELECT o.id, o.v, p.name, d.n FROM orders o JOIN products p ON o.k = p.k LEFT JOIN (SELECT k, count(*) AS n FROM orders GROUP BY k) d ON d.k = o.k";

  const positive = "SELECT count(*) AS n FROM bag WHERE a > 0";

  /** The result once everything that was committed has been taken in. */
  const result = async (job: string) => {
    await f.rows("FLUSH");
    return f.cells(`SELECT * FROM ${job} ORDER BY ALL`);
  };
  /** The query over the tables as they are. */
  const batch = (query: string) => f.cells(`SELECT * FROM (${query}) q ORDER BY ALL`);

  beforeAll(async () => {
    await f.rows("CREATE TABLE orders (id BIGINT PRIMARY KEY, k TEXT, v BIGINT, note TEXT)");
    await f.rows("CREATE TABLE products (k TEXT PRIMARY KEY, name TEXT, weight DOUBLE)");
    await f.rows("CREATE TABLE bag (a BIGINT, b TEXT)");
    await f.rows("INSERT INTO products VALUES ('k0', 'zero', 1), ('k1', 'one', NULL), ('k2', 'two', 3)");
    await f.rows("INSERT INTO orders SELECT i, 'k' || (i % 4), i, NULL FROM range(200) t(i)");
    await f.rows("INSERT INTO bag VALUES (1, 'x'), (1, 'x'), (1, 'x'), (2, NULL), (NULL, 'n')");
    await f.rows(`CREATE STREAMING JOB counted WITH (${quick}) AS ${totals}`);
    await f.rows(`CREATE STREAMING JOB pairs WITH (${quick}) AS ${joined}`);
    await f.rows(`CREATE STREAMING JOB bags WITH (${quick}) AS SELECT a, b, count(*) AS n FROM bag GROUP BY a, b`);
    await f.rows(`CREATE STREAMING JOB positive WITH (${quick}) AS ${positive}`);
    await f.rows("UPDATE orders SET v = v + 1000 WHERE id < 20");
    await f.rows("FLUSH");
    for (const job of ["counted", "pairs", "bags", "positive"]) await f.rows(`CREATE SAVEPOINT ${job}_saved FOR STREAMING JOB ${job}`);
    await f.rows("INSERT INTO orders SELECT i, 'k' || (i % 5), i, 'new' FROM range(200, 260) t(i)");
    await f.rows("UPDATE orders SET v = -v WHERE id % 7 = 0");
    await f.rows("UPDATE orders SET note = 'seen'");
    await f.rows("DELETE FROM orders WHERE id % 11 = 0");
    await f.rows("DELETE FROM products WHERE k = 'k1'");
    await f.rows("INSERT INTO products VALUES ('k4', 'four', 4)");
    await f.rows("DELETE FROM bag WHERE a = 1");
    await f.rows("INSERT INTO bag VALUES (1, 'x'), (2, NULL), (NULL, 'n'), (NULL, 'n'), (3, '')");
  });

  it("go on over the table as it is now: what was added, changed and deleted since is taken in", async () => {
    await f.rows(`CREATE STREAMING JOB counted2 WITH (${quick}, parallelism = 2, from_savepoint = counted_saved) AS ${totals}`);
    expect(await result("counted2")).toEqual(await batch(totals));
    await f.rows(`CREATE STREAMING JOB pairs2 WITH (${quick}, from_savepoint = pairs_saved) AS ${joined}`);
    expect(await result("pairs2")).toEqual(await batch(joined));
    await f.rows(
      `CREATE STREAMING JOB bags2 WITH (${quick}, from_savepoint = bags_saved) AS SELECT a, b, count(*) AS n FROM bag GROUP BY a, b`,
    );
    expect(await result("bags2")).toEqual(await batch("SELECT a, b, count(*) AS n FROM bag GROUP BY a, b"));
  });

  it("do not compute anew what the savepoint has: only what differs is read", async () => {
    await f.rows(`CREATE STREAMING JOB counted3 WITH (${quick}, from_savepoint = counted_saved) AS ${totals}`);
    const [[rows]] = (await f.cells("SELECT snapshot_rows FROM millrace.table_readers WHERE job = 'counted3'")) as [[string]];
    const inserted = 60 - 5; // of 200 … 259, five are multiples of 11
    const deleted = 19; // of 0 … 199
    const negated = 29 - 3; // multiples of 7 up to 199 that are none of 11; 0 is deleted
    expect(Number(rows)).toBe(inserted + deleted + 2 * negated);
  });

  it("take changes that are made later, through a kill and another parallelism", async () => {
    await f.rows("UPDATE orders SET v = v * 2 WHERE id % 3 = 0");
    await f.rows("DELETE FROM orders WHERE id > 250");
    expect(await result("counted2")).toEqual(await batch(totals));
    await f.restart();
    await f.rows("INSERT INTO orders VALUES (1000, 'k1', 7, NULL)");
    await f.rows("ALTER STREAMING JOB counted2 SET (parallelism = 3)");
    await f.rows("UPDATE orders SET v = 8 WHERE id = 1000");
    expect(await result("counted2")).toEqual(await batch(totals));
    expect(await result("pairs2")).toEqual(await batch(joined));
  });

  it("hold for results of jobs and materialized views", async () => {
    const top = "SELECT k, n FROM counted WHERE n > 40";
    await f.rows(`CREATE MATERIALIZED VIEW keys AS SELECT k, sum(v) AS s FROM orders GROUP BY k`);
    const twice = "SELECT c.k, c.n, m.s FROM counted c JOIN keys m ON c.k = m.k";
    await f.rows(`CREATE STREAMING JOB top WITH (${quick}) AS ${top}`);
    await f.rows(`CREATE STREAMING JOB merged WITH (${quick}) AS ${twice}`);
    await f.rows("FLUSH");
    await f.rows("CREATE SAVEPOINT top_saved FOR STREAMING JOB top");
    await f.rows("CREATE SAVEPOINT merged_saved FOR STREAMING JOB merged");
    await f.rows("DELETE FROM orders WHERE id % 4 = 1 AND id < 150");
    await f.rows("FLUSH");
    await f.rows(`CREATE STREAMING JOB top2 WITH (${quick}, from_savepoint = top_saved) AS ${top}`);
    await f.rows(`CREATE STREAMING JOB merged2 WITH (${quick}, from_savepoint = merged_saved) AS ${twice}`);
    await f.rows("INSERT INTO orders SELECT i, 'k1', 3, NULL FROM range(2000, 2050) t(i)");
    expect(await result("top2")).toEqual(await batch(top));
    expect(await result("merged2")).toEqual(await batch(twice));
    expect(await f.cells("SELECT * FROM merged EXCEPT ALL SELECT * FROM merged2")).toEqual([]);
  });

  it("hold though the table was dropped and made again", async () => {
    await f.rows("DROP TABLE bag CASCADE");
    await f.rows("CREATE TABLE bag (b TEXT, a BIGINT)");
    await f.rows("INSERT INTO bag VALUES ('x', 1), ('y', 9)");
    await f.rows(
      `CREATE STREAMING JOB bags3 WITH (${quick}, from_savepoint = bags_saved) AS SELECT a, b, count(*) AS n FROM bag GROUP BY a, b`,
    );
    expect(await result("bags3")).toEqual(await batch("SELECT a, b, count(*) AS n FROM bag GROUP BY a, b"));
    await f.rows("DROP TABLE bag CASCADE");
    await f.rows("CREATE TABLE bag (a INTEGER, b TEXT)");
    const other = `CREATE STREAMING JOB bags4 WITH (${quick}, from_savepoint = positive_saved) AS ${positive}`;
    expect(await f.refusal(other)).toMatchObject({
      code: "55000",
      message: expect.stringMatching(/^column "a" of table "bag" was BIGINT for the savepoint's job and is INTEGER now/),
    });
    expect(await f.cells("SELECT name FROM millrace.jobs WHERE name = 'bags4'")).toEqual([]);
  });

  it("can be made of a job that has not read all that differs yet", async () => {
    await f.rows("CREATE TABLE many (a BIGINT, b TEXT)");
    await f.rows("INSERT INTO many SELECT i, NULL FROM range(100_000) t(i)");
    const sums = "SELECT a % 10 AS d, count(*) AS n, sum(a) AS s FROM many GROUP BY a % 10";
    await f.rows(`CREATE STREAMING JOB first WITH (${quick}) AS ${sums}`);
    await f.rows("FLUSH");
    await f.rows("CREATE SAVEPOINT many_1 FOR STREAMING JOB first");
    await f.rows("DELETE FROM many WHERE a % 3 = 0");
    await f.rows("INSERT INTO many SELECT i, 'new' FROM range(50_000, 200_000) t(i)");
    await f.rows(`CREATE STREAMING JOB second WITH (${quick}, from_savepoint = many_1) AS ${sums}`);
    await f.rows("CREATE SAVEPOINT many_2 FOR STREAMING JOB second");
    await f.rows("UPDATE many SET a = a + 1 WHERE a < 1000");
    await f.rows(`CREATE STREAMING JOB third WITH (${quick}, from_savepoint = many_2) AS ${sums}`);
    expect(await result("second")).toEqual(await batch(sums));
    expect(await result("third")).toEqual(await batch(sums));
  });

  it("of rows that are only added are refused when some are gone", async () => {
    await f.rows("CREATE TABLE ticks (ts TIMESTAMP, v BIGINT, WATERMARK FOR ts AS ts)");
    await f.rows("INSERT INTO ticks SELECT TIMESTAMP '2026-01-01' + INTERVAL 1 SECOND * i, i FROM range(100) t(i)");
    const windows =
      "SELECT window_start, count(*) AS n, sum(v) AS total FROM TUMBLE(ticks, ts, INTERVAL '10' SECOND) GROUP BY window_start, window_end";
    await f.rows(`CREATE STREAMING JOB ticking WITH (${quick}) AS ${windows}`);
    await f.rows("FLUSH");
    await f.rows("CREATE SAVEPOINT ticks_saved FOR STREAMING JOB ticking");
    await f.rows("INSERT INTO ticks SELECT TIMESTAMP '2026-01-01' + INTERVAL 1 SECOND * i, i FROM range(100, 200) t(i)");
    await f.rows(`CREATE STREAMING JOB ticking2 WITH (${quick}, from_savepoint = ticks_saved) AS ${windows}`);
    await f.rows("INSERT INTO ticks SELECT TIMESTAMP '2026-01-01' + INTERVAL 1 SECOND * i, i FROM range(200, 210) t(i)");
    const closed = `SELECT count(*) AS a, sum(n) AS b, sum(total) AS c FROM`;
    await expect.poll(() => f.cells(`${closed} ticking2`), { timeout: 10_000 }).toEqual([["20", "200", "19900"]]);
    await f.rows("DROP TABLE ticks CASCADE");
    await f.rows("CREATE TABLE ticks (ts TIMESTAMP, v BIGINT, WATERMARK FOR ts AS ts)");
    expect(await f.refusal(`CREATE STREAMING JOB ticking3 WITH (${quick}, from_savepoint = ticks_saved) AS ${windows}`)).toMatchObject({
      code: "55000",
      message: expect.stringMatching(/rows of table "ticks" that the savepoint's job had read are gone/),
    });
  });

  it("of a job that had ended do not know what it had read, and damage to what they know is found", async () => {
    await f.rows("STOP STREAMING JOB counted3 WITH DRAIN WITH SAVEPOINT drained");
    expect(await f.refusal(`CREATE STREAMING JOB x WITH (from_savepoint = drained) AS ${totals}`)).toMatchObject({
      code: "55000",
      message: expect.stringMatching(/does not say what its job had read of table "orders"/),
    });
    const [[path]] = (await f.cells("SELECT path FROM millrace.savepoints WHERE name = 'counted_saved'")) as [[string]];
    const db = await DuckDBInstance.create(path);
    const connection = await db.connect();
    const [[table]] = (await connection.runAndReadAll("SELECT content FROM millrace.savepoint_inputs")).getRowsJson() as [[string]];
    await connection.run(`DELETE FROM millrace_state."${table}" WHERE rowid = 3`);
    connection.closeSync();
    db.closeSync();
    expect(await f.refusal(`CREATE STREAMING JOB x WITH (from_savepoint = counted_saved) AS ${totals}`)).toMatchObject({
      code: "22000",
      message: expect.stringMatching(/damaged/),
    });
    expect(await f.cells("SELECT count(*) FROM millrace.table_readers WHERE job = 'x'")).toEqual([["0"]]);
  });
});
