import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { describe, expect, it } from "vitest";
import { eventually, fixture } from "./fixture.ts";

describe("changing tables", { concurrent: false }, () => {
  const f = fixture();

  it("UPDATE, DELETE and RETURNING do what Postgres does", async () => {
    await f.rows("CREATE TABLE stock (item TEXT PRIMARY KEY, n INT NOT NULL DEFAULT 1 CHECK (n >= 0), note TEXT UNIQUE)");
    expect(await f.cells("INSERT INTO stock (item) VALUES ('a'), ('b') RETURNING item, n + 1 AS more, note")).toEqual([
      ["a", "2", null],
      ["b", "2", null],
    ]);
    expect(await f.cells("UPDATE stock SET (n, note) = (n + 5, 'first') WHERE item = 'a' RETURNING *")).toEqual([["a", "6", "first"]]);
    expect(await f.cells("UPDATE stock AS s SET n = o.n FROM (SELECT 9 AS n) AS o WHERE s.item = 'b'")).toEqual([]);
    expect(await f.cells("DELETE FROM stock AS s USING (SELECT 'b' AS item) AS gone WHERE s.item = gone.item")).toEqual([]);
    expect(await f.cells("DELETE FROM stock WHERE n = 100 RETURNING item")).toEqual([]);
    expect(await f.cells("UPDATE stock SET n = DEFAULT RETURNING item, n")).toEqual([["a", "1"]]);
    expect(await f.cells("SELECT * FROM stock ORDER BY item")).toEqual([["a", "1", "first"]]);
  });

  it("ON CONFLICT keeps or changes the row that is there", async () => {
    await f.rows("INSERT INTO stock VALUES ('a', 3, 'x'), ('c', 3, 'y') ON CONFLICT DO NOTHING");
    expect(await f.cells("SELECT * FROM stock ORDER BY item")).toEqual([
      ["a", "1", "first"],
      ["c", "3", "y"],
    ]);
    const upsert = "INSERT INTO stock AS s (item, n) VALUES ('a', 10), ('d', 20) ON CONFLICT (item) DO UPDATE SET n = n + excluded.n";
    expect(await f.cells(`${upsert} WHERE s.n < 5 RETURNING item, n`)).toEqual([
      ["d", "20"],
      ["a", "11"],
    ]);
    expect(await f.cells(`${upsert} WHERE s.n < 5 RETURNING item`)).toEqual([]);
    const twice = await f.refusal("INSERT INTO stock VALUES ('q', 1), ('q', 2) ON CONFLICT (item) DO UPDATE SET n = 0");
    expect(twice).toMatchObject({ code: "21000", word: "ON" });
    expect(await f.refusal("INSERT INTO stock VALUES ('q', 1) ON CONFLICT (n) DO NOTHING")).toMatchObject({ code: "42P10", word: "ON" });
  });

  it("constraints are refused with Postgres' codes", async () => {
    expect(await f.refusal("INSERT INTO stock VALUES ('a', 1)")).toMatchObject({
      code: "23505",
      message: 'duplicate key value violates unique constraint "stock_pkey"',
    });
    expect(await f.refusal("INSERT INTO stock VALUES ('z', 1, 'y')")).toMatchObject({
      code: "23505",
      message: 'duplicate key value violates unique constraint "stock_note_key"',
    });
    expect(await f.refusal("INSERT INTO stock VALUES ('z', NULL) RETURNING item")).toMatchObject({
      code: "23502",
      message: 'null value in column "n" of relation "stock" violates not-null constraint',
    });
    expect(await f.refusal("UPDATE stock SET n = -1")).toMatchObject({ code: "23514" });
    expect(await f.refusal("UPDATE stock SET m = 1")).toMatchObject({ code: "42703", word: "m" });
    expect(await f.refusal("UPDATE stock SET n = q + 1")).toMatchObject({ code: "42703", word: "q" });
    expect(await f.refusal("DELETE FROM stock WHERE m = 1 RETURNING item")).toMatchObject({ code: "42703", word: "m" });
    expect(await f.refusal("INSERT INTO stock (item, q) VALUES ('a', 1) RETURNING item")).toMatchObject({ code: "42703", word: "q" });
    expect(await f.refusal("INSERT INTO stock VALUES ('a', 1, 'y', 3)")).toMatchObject({ code: "42601" });
    expect(await f.cells("SELECT count(*) FROM stock")).toEqual([["3"]]);
  });

  it("a job sees the rows that are there, then every committed change, once", async () => {
    await f.rows("CREATE TABLE orders (id INT PRIMARY KEY, who TEXT, amount INT)");
    await f.rows("INSERT INTO orders SELECT i, 'w' || (i % 3), i FROM range(1, 1001) r(i)");
    await f.rows("CREATE MATERIALIZED VIEW totals AS SELECT who, count(*) AS n, sum(amount) AS total FROM orders GROUP BY who");
    const same = async (): Promise<boolean> =>
      (
        await f.cells(`SELECT count(*) FROM ((FROM totals EXCEPT ALL SELECT who, count(*), sum(amount) FROM orders GROUP BY who)
          UNION ALL (SELECT who, count(*), sum(amount) FROM orders GROUP BY who EXCEPT ALL FROM totals))`)
      )[0]?.[0] === "0";
    await eventually("the snapshot is there", same);
    await f.rows("UPDATE orders SET amount = amount * 2, who = 'w9' WHERE id <= 10");
    await f.rows("DELETE FROM orders WHERE id > 990");
    await f.rows(
      "INSERT INTO orders VALUES (1, 'x', 5), (5000, 'y', 6) ON CONFLICT (id) DO UPDATE SET amount = excluded.amount, who = excluded.who",
    );
    await eventually("the changes are there", same);
    await f.restart();
    await f.rows(
      "BEGIN; UPDATE orders SET amount = 0 WHERE id = 5000; DELETE FROM orders WHERE id = 1; INSERT INTO orders VALUES (1, 'x', 7); COMMIT",
    );
    await f.rows("BEGIN; DELETE FROM orders; ROLLBACK");
    await eventually("the changes after a restart are there", same);
    expect(await f.cells("SELECT total FROM totals WHERE who = 'y'")).toEqual([["0"]]);
  });

  it("a DELETE that finds no row is no change for jobs", async () => {
    expect(await f.cells("DELETE FROM orders WHERE who = 'nobody' RETURNING who")).toEqual([]);
    await f.rows("BEGIN; DELETE FROM orders WHERE who = 'nobody'; COMMIT");
    await f.rows("FLUSH");
  });

  it("a job reads another job's result, and a third one that", async () => {
    await f.rows("CREATE MATERIALIZED VIEW large AS SELECT who, total FROM totals WHERE n > 100");
    await f.rows("CREATE STREAMING JOB larger AS SELECT count(*) AS groups, sum(total) AS total FROM large");
    const answer = async (): Promise<string> => JSON.stringify(await f.cells("SELECT * FROM larger"));
    const expected = async (): Promise<string> =>
      JSON.stringify(
        await f.cells(
          "SELECT count(*) AS groups, sum(total) AS total FROM (SELECT sum(amount) AS total FROM orders GROUP BY who HAVING count(*) > 100)",
        ),
      );
    await eventually("the chain is there", async () => (await answer()) === (await expected()));
    await f.rows("UPDATE orders SET amount = amount + 1");
    await eventually("a change went through", async () => (await answer()) === (await expected()));
    expect((await f.refusal("DROP MATERIALIZED VIEW totals")).code).toBe("2BP01");
  });

  it("TRUNCATE empties tables, and jobs see it", async () => {
    await f.rows("CREATE TABLE other (a INT)");
    await f.rows("INSERT INTO other VALUES (1), (2)");
    await f.rows("BEGIN; TRUNCATE other, orders; ROLLBACK");
    expect(await f.cells("SELECT count(*) FROM other")).toEqual([["2"]]);
    await f.rows("TRUNCATE TABLE other, orders");
    await f.rows("FLUSH");
    expect(await f.cells("SELECT count(*) FROM other UNION ALL SELECT count(*) FROM totals")).toEqual([["0"], ["0"]]);
    expect(await f.cells("SELECT groups, total FROM larger")).toEqual([["0", null]]);
  });

  it("RENAME gives a job another name, state and all, unless others read it", async () => {
    expect(await f.refusal("ALTER MATERIALIZED VIEW totals RENAME TO sums")).toMatchObject({ code: "2BP01", word: "totals" });
    expect(await f.refusal("ALTER STREAMING JOB larger RENAME TO orders")).toMatchObject({ code: "42P07", word: "orders" });
    await f.rows("INSERT INTO orders SELECT i, 'w', 1 FROM range(500) r(i)");
    await f.rows("FLUSH");
    await f.rows('ALTER STREAMING JOB larger RENAME TO "The largest"');
    expect(await f.cells('SELECT * FROM "The largest"')).toEqual([["1", "500"]]);
    await f.rows("UPDATE orders SET amount = 2");
    await f.rows("FLUSH");
    expect(await f.cells('SELECT * FROM "The largest"')).toEqual([["1", "1000"]]);
    await f.restart();
    await f.rows("UPDATE orders SET amount = 3");
    await f.rows("FLUSH");
    expect(await f.cells('SELECT * FROM "The largest"')).toEqual([["1", "1500"]]);
    expect(await f.cells("SELECT name FROM millrace.jobs ORDER BY name")).toEqual([["The largest"], ["large"], ["totals"]]);
    await f.rows('ALTER STREAMING JOB "The largest" RENAME TO larger');
  });

  it("RENAME and ALTER change what nothing depends on", async () => {
    await f.rows("ALTER TABLE other RENAME TO another");
    await f.rows("ALTER TABLE another ADD COLUMN b TEXT DEFAULT 'x', ADD c INT, ADD d DATE DEFAULT DATE '2020-02-29', DROP d");
    await f.rows("INSERT INTO another (a) VALUES (7)");
    expect(await f.cells("SELECT * FROM another")).toEqual([["7", "x", null]]);
    await f.rows("ALTER TABLE another DROP COLUMN a");
    expect(await f.refusal("ALTER TABLE orders DROP COLUMN who")).toMatchObject({ code: "2BP01", word: "orders" });
    expect(await f.refusal("ALTER TABLE stock DROP COLUMN item")).toMatchObject({ code: "2BP01", word: "item" });
    expect(await f.refusal("ALTER TABLE another DROP zz")).toMatchObject({ code: "42703", word: "zz" });
    await f.rows("CREATE VIEW v AS SELECT 1 AS one");
    await f.rows("ALTER VIEW v RENAME TO w");
    await f.restart();
    expect(await f.cells("SELECT another.*, w.* FROM another, w")).toEqual([["x", null, "1"]]);
    expect(await f.cells("SHOW CREATE w")).toEqual([["w", "CREATE VIEW w AS SELECT 1 AS one"]]);
    await f.rows("INSERT INTO another VALUES ('y', 3)");
  });

  it("sinks tell of changes as upserts or with before and after", async () => {
    await f.rows("CREATE TABLE prices (item TEXT PRIMARY KEY, price INT)");
    const sink = (mode: string): string =>
      `WITH (connector = 'filesystem', path = '${join(f.directory, mode)}', format = 'json', mode = '${mode}')`;
    await f.rows(`CREATE SINK debezium ${sink("debezium")}; CREATE SINK upsert ${sink("upsert")}; CREATE SINK append ${sink("append")}`);
    expect((await f.refusal("CREATE STREAMING JOB no AS INSERT INTO append SELECT * FROM prices")).code).toBe("0A000");
    await f.rows("CREATE STREAMING JOB feeds AS BEGIN INSERT INTO debezium FROM prices; INSERT INTO upsert FROM prices; END");
    const lines = (mode: string): readonly string[] =>
      readdirSync(join(f.directory, mode), { withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
        .flatMap(({ name }) =>
          readFileSync(join(f.directory, mode, name), "utf8")
            .trim()
            .split("\n"),
        );
    const written = async (mode: string, count: number): Promise<readonly string[]> => {
      await eventually(`${count} records of ${mode}`, async () => lines(mode).length === count);
      return lines(mode);
    };
    await f.rows("INSERT INTO prices VALUES ('a', 1), ('b', 2)");
    await f.rows("FLUSH");
    await written("debezium", 2);
    await f.rows("BEGIN; UPDATE prices SET price = 3 WHERE item = 'a'; DELETE FROM prices WHERE item = 'b'; COMMIT");
    await f.rows("FLUSH");
    expect(await written("debezium", 4)).toEqual(
      expect.arrayContaining([
        '{"before":null,"after":{"item":"a","price":1},"op":"c"}',
        '{"before":{"item":"a","price":1},"after":{"item":"a","price":3},"op":"u"}',
        '{"before":{"item":"b","price":2},"after":null,"op":"d"}',
      ]),
    );
    expect(await written("upsert", 4)).toEqual(
      expect.arrayContaining(['{"key":{"item":"a"},"value":{"item":"a","price":3}}', '{"key":{"item":"b"},"value":null}']),
    );
    await f.rows("DROP STREAMING JOB feeds");
  });

  it("two transactions on one row: the second may try again", async () => {
    const clients = [0, 1].map(() => new pg.Client({ host: "127.0.0.1", port: f.server().pgPort, user: "test", database: "millrace" }));
    for (const client of clients) await client.connect();
    const [a, b] = clients as [pg.Client, pg.Client];
    await a.query("BEGIN");
    await a.query("UPDATE prices SET price = price + 1 WHERE item = 'a'");
    await b.query("BEGIN");
    await expect(b.query("UPDATE prices SET price = price + 1 WHERE item = 'a'")).rejects.toMatchObject({ code: "40001" });
    await b.query("ROLLBACK");
    const alone = b.query("UPDATE prices SET price = price + 10 WHERE item = $1 RETURNING price", ["a"]);
    await a.query("COMMIT");
    expect((await alone).rows).toEqual([{ price: 14 }]);
    for (const client of clients) await client.end();
  });

  it("statements with parameters say their types and what they return", async () => {
    const query = (sql: string, parameters: readonly unknown[]) => f.server().query(sql, parameters);
    const upsert =
      "INSERT INTO prices VALUES ($1, $2) ON CONFLICT (item) DO UPDATE SET price = prices.price + $3 RETURNING item, price, $1 AS given";
    expect(await query(upsert, ["n", 5, 7])).toEqual([{ item: "n", price: 5, given: "n" }]);
    expect(await query(upsert, ["n", 5, 7])).toEqual([{ item: "n", price: 12, given: "n" }]);
    expect(await query("DELETE FROM prices WHERE price > $1 AND item = $2 RETURNING *", [1, "n"])).toEqual([{ item: "n", price: 12 }]);
  });

  it("a table with a watermark feeds windows, and only grows", async () => {
    await f.rows("CREATE TABLE readings (v INT, at TIMESTAMP, WATERMARK FOR at AS at - INTERVAL '1' SECOND)");
    await f.rows("INSERT INTO readings VALUES (1, '2020-01-01 00:00:10'), (2, '2020-01-01 00:00:20')");
    await f.rows(
      "CREATE STREAMING JOB minutes WITH (late_rows = 'late') AS SELECT window_start::TEXT AS minute, sum(v) AS v FROM TUMBLE(readings, at, INTERVAL '1' MINUTE) GROUP BY window_start",
    );
    await f.rows("CREATE MATERIALIZED VIEW too_late AS SELECT count(*) AS n FROM late");
    await f.rows("INSERT INTO readings VALUES (3, '2020-01-01 00:01:30')");
    await f.rows("FLUSH");
    expect(await f.cells("SELECT * FROM minutes")).toEqual([["2020-01-01 00:00:00", "3"]]);
    await f.restart();
    await f.rows("INSERT INTO readings VALUES (9, '2020-01-01 00:00:05'), (4, '2020-01-01 00:02:30')");
    await f.rows("FLUSH");
    expect(await f.cells("SELECT * FROM minutes ORDER BY 1")).toEqual([
      ["2020-01-01 00:00:00", "3"],
      ["2020-01-01 00:01:00", "3"],
    ]);
    expect(await f.cells("SELECT n FROM too_late")).toEqual([["1"]]);
    for (const statement of ["UPDATE readings SET v = 0", "DELETE FROM readings", "TRUNCATE readings"])
      expect(await f.refusal(statement)).toMatchObject({ code: "55000" });
    expect(await f.refusal("DROP STREAMING JOB minutes")).toMatchObject({ code: "2BP01" });
    await f.rows("DROP TABLE readings CASCADE");
  });

  it("CASCADE drops what reads, the last reader first", async () => {
    expect(await f.refusal("DROP TABLE orders")).toMatchObject({ code: "2BP01", hint: expect.stringMatching(/CASCADE/) as string });
    await f.rows("DROP TABLE orders CASCADE");
    expect(await f.cells("SELECT name FROM millrace.jobs")).toEqual([]);
    expect(await f.cells("SELECT table_name FROM information_schema.tables WHERE table_schema = 'millrace_state'")).toEqual([]);
  });
});
