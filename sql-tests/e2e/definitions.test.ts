import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { eventually, fixture } from "./fixture.ts";

describe("definitions", () => {
  const f = fixture();

  it("ON CONFLICT names a key by its constraint", async () => {
    await f.rows("CREATE TABLE k (a INT PRIMARY KEY, b INT, c INT, UNIQUE (b, c))");
    await f.rows("INSERT INTO k VALUES (1, 1, 1)");
    await f.rows("INSERT INTO k VALUES (1, 2, 2) ON CONFLICT ON CONSTRAINT k_pkey DO UPDATE SET b = excluded.b");
    await f.rows("INSERT INTO k VALUES (9, 2, 1) ON CONFLICT ON CONSTRAINT k_b_c_key DO NOTHING");
    expect(await f.cells("SELECT * FROM k")).toEqual([["1", "2", "1"]]);
    expect(await f.refusal("INSERT INTO k VALUES (1, 2, 2) ON CONFLICT ON CONSTRAINT nosuch DO NOTHING")).toMatchObject({
      code: "42704",
      message: 'constraint "nosuch" for table "k" does not exist',
    });
  });

  it("a materialized view names its columns", async () => {
    await f.rows('CREATE MATERIALIZED VIEW m (key, "How many") AS SELECT b, count(*) FROM k GROUP BY b');
    await f.rows("FLUSH");
    expect(await f.rows("SELECT * FROM m")).toEqual([{ key: 2, "How many": "1" }]);
    expect(await f.refusal("CREATE MATERIALIZED VIEW n (x) AS SELECT nosuch FROM k")).toMatchObject({ code: "42703", word: "nosuch" });
  });

  it("OR REPLACE begins a job anew, unless others read it", async () => {
    await f.rows("CREATE OR REPLACE MATERIALIZED VIEW m AS SELECT c, count(*) AS n FROM k GROUP BY c");
    await f.rows("CREATE OR REPLACE STREAMING JOB j AS SELECT c AS x FROM m");
    await f.rows("CREATE OR REPLACE STREAMING JOB j AS SELECT n + 1 AS y FROM m");
    await f.rows("FLUSH");
    expect(await f.rows("SELECT * FROM j")).toEqual([{ y: "2" }]);
    expect(await f.refusal("CREATE OR REPLACE MATERIALIZED VIEW m AS SELECT 1 AS a FROM k")).toMatchObject({
      code: "2BP01",
      message: 'cannot replace materialized view "m" because other objects depend on it',
    });
    expect(await f.refusal("CREATE OR REPLACE STREAMING JOB j AS SELECT nosuch FROM m")).toMatchObject({ code: "42703" });
    expect(await f.rows("SELECT * FROM j")).toEqual([{ y: "2" }]);
    expect(await f.refusal("CREATE OR REPLACE STREAMING JOB k AS SELECT 1 AS a FROM m")).toMatchObject({ code: "42P07" });
  });

  it("a sink is filled from a table or a job", async () => {
    const path = join(f.directory, "out");
    expect(await f.rows(`CREATE SINK s FROM m WITH (connector = 'filesystem', path = '${path}', format = 'json')`)).toEqual([]);
    const text = (): string =>
      (existsSync(path) ? readdirSync(path) : [])
        .filter((name) => !name.startsWith("."))
        .map((name) => readFileSync(join(path, name), "utf8"))
        .join("");
    await eventually("the rows are in the file", async () => text().includes('"c":1'));
    expect(await f.cells("SHOW CREATE SINK s")).toEqual([["s", expect.not.stringContaining("FROM")]]);
    expect(await f.refusal("DROP SINK s")).toMatchObject({ code: "2BP01" });
    await f.rows("DROP SINK s CASCADE");
    expect((await f.cells("SHOW JOBS")).map(([name]) => name)).not.toContain("s_from_m");
    expect(await f.refusal("CREATE SINK s FROM nosuch WITH (connector = 'print')")).toMatchObject({ code: "42P01", word: "nosuch" });
    expect(await f.cells("SHOW SINKS")).toEqual([]);
  });

  it("ALTER TABLE renames columns and widens their types", async () => {
    await f.rows("CREATE TABLE a (id INT PRIMARY KEY, n SMALLINT DEFAULT 7, d DECIMAL(5,2), q INT CHECK (q > 0), UNIQUE (n))");
    await f.rows("INSERT INTO a VALUES (1, 2, 1.25, 1)");
    await f.rows("ALTER TABLE a RENAME COLUMN n TO m");
    await f.rows("ALTER TABLE a RENAME id TO key");
    await f.rows("ALTER TABLE a ALTER COLUMN d SET DATA TYPE DECIMAL(10,3)");
    await f.restart();
    await f.rows("INSERT INTO a (key, d) VALUES (2, 12345.125)");
    expect(await f.rows("SELECT * FROM a ORDER BY key")).toEqual([
      { key: 1, m: 2, d: "1.250", q: 1 },
      { key: 2, m: 7, d: "12345.125", q: null },
    ]);
    await f.rows("INSERT INTO a VALUES (2, 9, 0, 5) ON CONFLICT (key) DO UPDATE SET m = excluded.m");
    expect(await f.cells("SHOW CREATE TABLE a")).toEqual([
      ["a", expect.stringMatching(/m SMALLINT DEFAULT 7,[\s\S]*d DECIMAL\(10,3\)[\s\S]*PRIMARY KEY \(key\)/)],
    ]);
  });

  it.each([
    ["ALTER TABLE a ALTER COLUMN d TYPE INT", "0A000", /of type DECIMAL\(10,3\) cannot become INTEGER/],
    ["ALTER TABLE a ALTER m TYPE BIGINT", "0A000", /is part of a key/],
    ["ALTER TABLE a RENAME COLUMN q TO r", "2BP01", /a CHECK constraint or the watermark reads it/],
    ["ALTER TABLE a RENAME COLUMN nosuch TO r", "42703", /column "nosuch" of relation "a" does not exist/],
    ["ALTER TABLE a RENAME COLUMN d TO q", "42701", /column "q" of relation "a" already exists/],
    ["ALTER TABLE k RENAME COLUMN b TO x", "2BP01", /cannot alter table "k"/],
    ["ALTER TABLE a ALTER COLUMN d SET NOT NULL", "0A000", /this change of a column/],
  ])("refuses %s", async (sql, code, message) =>
    expect(await f.refusal(sql)).toMatchObject({ code, message: expect.stringMatching(message) }),
  );
});

describe("RETURNING with other relations", () => {
  const f = fixture();

  it.each([
    [
      "UPDATE t SET v = t.v + o.n FROM o WHERE o.k = t.k RETURNING t.k, v, o.n, name",
      [
        ["1", "11", "10", "one"],
        ["2", "22", "20", "two"],
      ],
    ],
    [
      "UPDATE t AS x SET v = 0 FROM o JOIN (SELECT 7 AS seven) AS s ON true WHERE o.k = x.k AND x.k = 1 RETURNING *",
      [["1", "0", "10", "one", "7"]],
    ],
    ["DELETE FROM t USING o WHERE o.k = t.k AND o.name = 'two' RETURNING t.*, upper(o.name) AS u", [["2", "22", "TWO"]]],
    ["WITH w AS (SELECT 3 AS k) DELETE FROM t USING w WHERE w.k = t.k RETURNING w.k + 1 AS n", [["4"]]],
    ["UPDATE t SET v = 1 FROM o WHERE false RETURNING o.name", []],
  ])("%s", async (sql, rows) => {
    await f.rows("CREATE TABLE IF NOT EXISTS t (k INT PRIMARY KEY, v INT)");
    await f.rows("CREATE TABLE IF NOT EXISTS o (k INT, n INT, name TEXT)");
    await f.rows("INSERT INTO t VALUES (1, 1), (2, 2), (3, 3) ON CONFLICT DO NOTHING");
    if ((await f.cells("SELECT * FROM o")).length === 0) await f.rows("INSERT INTO o VALUES (1, 10, 'one'), (2, 20, 'two')");
    const returned = await f.cells(sql);
    expect(returned.toSorted((a, b) => String(a[0]).localeCompare(String(b[0])))).toEqual(rows);
  });

  it("describes what it gives, for prepared statements", async () => {
    expect(await f.server().query("UPDATE t SET v = $1 FROM o WHERE o.k = t.k AND t.k = $2 RETURNING o.name AS who, v", [5, 1])).toEqual([
      { who: "one", v: 5 },
    ]);
    expect(await f.refusal("UPDATE t SET v = 1 FROM o WHERE o.k = t.k RETURNING nosuch")).toMatchObject({ code: "42703", word: "nosuch" });
  });
});
