import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { removeDirectory, type ServerProcess, startServer, temporaryDirectory } from "../runner/server.ts";

describe("a join with a table as it is", { timeout: 60_000 }, () => {
  const dataDirectory = temporaryDirectory();
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startServer({ dataDirectory });
    await server.query(
      "CREATE SOURCE bids (auction BIGINT, price BIGINT, date_time TIMESTAMP, WATERMARK FOR date_time AS date_time) WITH (connector = 'nexmark', events = 2000)",
    );
    await server.query(
      "CREATE SOURCE ticks (id BIGINT, at TIMESTAMP, WATERMARK FOR at AS at) WITH (connector = 'datagen', rows_per_second = 5000, fields.id.kind = 'sequence', fields.at.kind = 'sequence')",
    );
    await server.query("CREATE TABLE names (k BIGINT PRIMARY KEY, name TEXT)");
    await server.query("INSERT INTO names SELECT i, 'n' || i FROM range(40000) r(i)");
    await server.query("CREATE TABLE nobody (k BIGINT PRIMARY KEY, name TEXT)");
  });
  afterAll(async () => {
    await server.stop();
    removeDirectory(dataDirectory);
  });

  const create = (name: string, query: string): Promise<unknown> =>
    server.query(`CREATE STREAMING JOB ${name} WITH (parallelism = 2, checkpoint_interval = '100ms') AS ${query}`);
  const cells = async (sql: string): Promise<string> =>
    JSON.stringify((await server.query(sql)).map((row) => Object.values(row).map(String)));

  it("waits for the snapshot, passes event time on, and does not change what it has joined", async () => {
    await create("all_bids", "SELECT auction, price FROM bids");
    await create(
      "named",
      "SELECT b.auction, b.price, n.name FROM bids b JOIN names FOR SYSTEM_TIME AS OF PROCTIME() AS n ON n.k = b.auction % 40000",
    );
    await create(
      "counted",
      "SELECT window_start, count(*) AS n FROM TUMBLE((SELECT t.at FROM ticks t JOIN names FOR SYSTEM_TIME AS OF PROCTIME() AS n ON n.k = t.id), at, INTERVAL '1' MILLISECOND) GROUP BY window_start, window_end",
    );
    const bids = "SELECT count(*) FROM all_bids";
    await expect.poll(() => cells(bids), { timeout: 20_000 }).toBe('[["1840"]]');
    const matching = "SELECT count(*), count(*) FILTER (WHERE name = 'n' || auction % 40000) AS right_ones FROM named";
    await expect.poll(() => cells(matching), { timeout: 20_000 }).toBe('[["1840","1840"]]');
    await server.query("UPDATE names SET name = 'new'");
    await server.query("FLUSH");
    expect(await cells(matching)).toBe('[["1840","1840"]]');
    await expect.poll(() => cells("SELECT count(*) > 3 FROM counted"), { timeout: 20_000 }).toBe('[["true"]]');
  });

  it("ends event time with the rows that are joined, whatever the table still does", async () => {
    await create(
      "windows",
      "SELECT window_start, count(*) AS n FROM TUMBLE((SELECT b.date_time FROM bids b LEFT JOIN nobody FOR SYSTEM_TIME AS OF PROCTIME() AS n ON n.k = b.auction), date_time, INTERVAL '1' SECOND) GROUP BY window_start, window_end",
    );
    await expect.poll(() => cells("SELECT sum(n) FROM windows"), { timeout: 20_000 }).toBe('[["1840"]]');
    expect(await cells("EXPLAIN WATERMARK windows")).toContain("the input has ended: nothing is waited for");
  });

  it("knows that an empty table was read", async () => {
    await create(
      "padded",
      "SELECT b.auction, n.name FROM bids b LEFT JOIN nobody FOR SYSTEM_TIME AS OF PROCTIME() AS n ON n.k = b.auction",
    );
    await expect.poll(() => cells("SELECT count(*), count(name) AS named FROM padded"), { timeout: 20_000 }).toBe('[["1840","0"]]');
    await server.query("ALTER STREAMING JOB padded SET (parallelism = 1)");
    expect(await cells("SELECT count(*), count(name) AS named FROM padded")).toBe('[["1840","0"]]');
  });
});
