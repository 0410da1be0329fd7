import { appendFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { fixture } from "./fixture.ts";

/** Rows come and go while a job runs, so expectations are polled for. */
const patience = { timeout: 20_000, interval: 100 } as const;
const now = "FOR SYSTEM_TIME AS OF PROCTIME()";

describe("lookups of every shape", { timeout: 60_000 }, () => {
  const f = fixture();
  let path = "";
  const order = (id: number, product: number, cur: string): string => JSON.stringify({ id, product, cur });
  const create = (name: string, query: string): Promise<unknown> =>
    f.rows(`CREATE STREAMING JOB ${name} WITH (parallelism = 2, checkpoint_interval = '100ms') AS ${query}`);
  const answer = async (job: string): Promise<readonly string[]> =>
    (await f.cells(`SELECT * FROM ${job}`)).map((row) => row.map(String).join(" ")).toSorted();

  beforeAll(async () => {
    path = f.file("orders.jsonl", [order(1, 10, "eur"), order(2, 11, "usd"), order(3, 12, "eur")]);
    await f.rows(
      `CREATE SOURCE orders (id BIGINT, product BIGINT, cur TEXT) WITH (connector = 'filesystem', path = '${path}', format = 'json', watch = true, watch_interval = '50ms')`,
    );
    await f.rows("CREATE TABLE products (k BIGINT PRIMARY KEY, name TEXT, maker BIGINT)");
    await f.rows("INSERT INTO products VALUES (10, 'pen', 100), (11, 'cup', 101)");
    await f.rows("CREATE TABLE makers (k BIGINT PRIMARY KEY, name TEXT)");
    await f.rows("INSERT INTO makers VALUES (100, 'Acme')");
    await f.rows("CREATE TABLE tags (id BIGINT PRIMARY KEY, cur TEXT, label TEXT)");
    await f.rows("INSERT INTO tags VALUES (1, 'eur', 'a'), (2, 'eur', 'b'), (3, 'usd', 'c')");
    await f.rows("CREATE VIEW cheap AS SELECT upper(name) AS title, k + 0 AS product FROM products WHERE maker < 101");
    await f.rows("CREATE MATERIALIZED VIEW sizes AS SELECT maker, count(*) AS n FROM products GROUP BY maker");
    // A row is joined with what is there when it comes: the view's rows must be.
    await f.rows("FLUSH");
  });

  it("go on from one to the next, by columns of the stream and of tables before", async () => {
    const chain = (join: string): string =>
      `SELECT o.id, p.name, m.name AS maker, s.n FROM orders o JOIN products ${now} AS p ON p.k = o.product
       ${join} makers ${now} AS m ON m.k = p.maker ${join} sizes ${now} AS s ON s.maker = p.maker`;
    await create("chained", chain("LEFT JOIN"));
    await create("chained_inner", chain("JOIN"));
    await expect.poll(() => answer("chained"), patience).toEqual(["1 pen Acme 1", "2 cup null 1"]);
    await expect.poll(() => answer("chained_inner"), patience).toEqual(["1 pen Acme 1"]);
  });

  it("take one table twice, and keys made of columns of several relations", async () => {
    await create(
      "twice",
      `SELECT o.id, a.name, b.name AS next FROM orders o JOIN products ${now} AS a ON a.k = o.product
       LEFT JOIN products ${now} AS b ON b.k = o.product + 1 WHERE a.name <> 'nil'`,
    );
    await create(
      "mixed",
      `SELECT o.id, t.label FROM orders o JOIN products ${now} AS p ON p.k = o.product
       JOIN tags ${now} AS t ON t.cur = o.cur AND t.id = p.k - o.id - 8`,
    );
    await expect.poll(() => answer("twice"), patience).toEqual(["1 pen cup", "2 cup null"]);
    await expect.poll(() => answer("mixed"), patience).toEqual(["1 a"]);
  });

  it("find several rows by a column that is no key, and look at them with further conditions", async () => {
    await create("tagged", `SELECT o.id, t.label FROM orders o JOIN tags ${now} AS t ON t.cur = o.cur`);
    await create("tagged_late", `SELECT o.id, t.label FROM orders o LEFT JOIN tags ${now} AS t ON t.cur = o.cur AND t.id > o.id`);
    await expect.poll(() => answer("tagged"), patience).toEqual(["1 a", "1 b", "2 c", "3 a", "3 b"]);
    await expect.poll(() => answer("tagged_late"), patience).toEqual(["1 b", "2 c", "3 null"]);
  });

  it("see a view's rows: what it leaves out is not there", async () => {
    await create("titled", `SELECT o.id, v.title FROM orders o LEFT JOIN cheap ${now} AS v ON v.product = o.product`);
    await create("untitled", `SELECT o.id FROM orders o LEFT JOIN cheap ${now} AS v ON v.product = o.product WHERE v.title IS NULL`);
    await expect.poll(() => answer("titled"), patience).toEqual(["1 PEN", "2 null", "3 null"]);
    await expect.poll(() => answer("untitled"), patience).toEqual(["2", "3"]);
  });

  it("answer rows that come later with what the tables hold then", async () => {
    await f.rows("UPDATE products SET name = 'ink', maker = 100 WHERE k = 11");
    await f.rows("DELETE FROM tags WHERE id = 1");
    await f.rows("FLUSH");
    appendFileSync(path, `${order(4, 11, "eur")}\n`);
    await expect.poll(() => answer("chained"), patience).toEqual(["1 pen Acme 1", "2 cup null 1", "4 ink Acme 2"]);
    await expect.poll(() => answer("chained_inner"), patience).toEqual(["1 pen Acme 1", "4 ink Acme 2"]);
    await expect.poll(() => answer("tagged"), patience).toEqual(["1 a", "1 b", "2 c", "3 a", "3 b", "4 b"]);
    await expect.poll(() => answer("titled"), patience).toEqual(["1 PEN", "2 null", "3 null", "4 INK"]);
    await expect.poll(() => answer("untitled"), patience).toEqual(["2", "3"]);
  });

  it("are refused over what is no table, at the clause", async () => {
    await f.rows("CREATE VIEW counts AS SELECT maker, count(*) AS n FROM products GROUP BY maker");
    const refused = { code: "42809", message: "FOR SYSTEM_TIME AS OF PROCTIME() needs a table on the right", word: "SYSTEM_TIME" };
    expect(
      await f.refusal(`CREATE STREAMING JOB bad AS SELECT o.id, c.n FROM orders o JOIN counts ${now} AS c ON c.maker = o.product`),
    ).toMatchObject(refused);
  });
});
