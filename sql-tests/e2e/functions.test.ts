import { beforeAll, describe, expect, it } from "vitest";
import { eventually, fixture } from "./fixture.ts";

describe("functions of users", () => {
  const f = fixture();

  beforeAll(async () => {
    await f.rows(`CREATE FUNCTION plus(a INT, b INT) RETURNS BIGINT LANGUAGE sql IMMUTABLE AS $$ SELECT a + b; $$`);
    await f.rows(`CREATE FUNCTION twice(BIGINT) RETURNS BIGINT LANGUAGE sql RETURN plus($1::INT, $1::INT)`);
    await f.rows(`CREATE FUNCTION shout(s TEXT, n INT) RETURNS TEXT LANGUAGE javascript
      AS $$ return s === null ? 'none' : s.toUpperCase() + '!'.repeat(n); $$`);
    await f.rows(`CREATE FUNCTION taxed(x DECIMAL(10,2)) RETURNS DECIMAL(12,3) LANGUAGE javascript STRICT
      AS $$ export function taxed(x) { return (Number(x) * 1.19).toFixed(3); } $$`);
    await f.rows("CREATE TABLE t (k INT PRIMARY KEY, s TEXT, x DECIMAL(10,2), j JSON)");
    await f.rows(`INSERT INTO t VALUES (1, 'a', 10.50, '{"n": 3}'), (2, NULL, NULL, NULL), (3, 'c', 1, '[]')`);
  });

  it("in SQL are expanded in SELECTs, views and jobs", async () => {
    expect(await f.cells("SELECT plus(1, 2) AS p, twice(21) AS q, plus('3', 4) AS r, twice(k) AS s FROM t WHERE k = 3")).toEqual([
      ["3", "42", "7", "6"],
    ]);
    await f.rows("CREATE VIEW doubled AS SELECT k, twice(k) AS d FROM t");
    await f.rows("CREATE MATERIALIZED VIEW doubles AS SELECT d, plus(d::INT, 1) AS e FROM doubled WHERE twice(d) > 4");
    await f.rows("FLUSH");
    expect(await f.cells("SELECT d, e FROM doubles ORDER BY d")).toEqual([
      ["4", "5"],
      ["6", "7"],
    ]);
  });

  it("in JavaScript run in jobs, over changes too", async () => {
    await f.rows(`CREATE MATERIALIZED VIEW shouted AS
      SELECT k, shout(s, k) AS l, taxed(x) AS t, length(shout(upper(s), 1)) AS n FROM t WHERE shout(s, 0) IS DISTINCT FROM 'C'`);
    await f.rows("FLUSH");
    expect(await f.cells("SELECT * FROM shouted ORDER BY k")).toEqual([
      ["1", "A!", "12.495", "2"],
      ["2", "none", null, "4"],
    ]);
    await f.rows("DELETE FROM t WHERE k = 1");
    await f.rows("UPDATE t SET s = 'b' WHERE k = 2");
    await f.rows("FLUSH");
    expect(await f.cells("SELECT * FROM shouted ORDER BY k")).toEqual([["2", "B!!", null, "2"]]);
  });

  it("take each type and give it back", async () => {
    await f.rows("CREATE FUNCTION big(a BIGINT) RETURNS BIGINT LANGUAGE javascript AS $$ return a + 1n $$");
    await f.rows("CREATE FUNCTION nextyear(a DATE) RETURNS DATE LANGUAGE javascript AS $$ return a.replace('2024', '2025') $$");
    await f.rows("CREATE FUNCTION later(a TIMESTAMP) RETURNS TIMESTAMP LANGUAGE javascript AS $$ return a + 1000000 $$");
    await f.rows("CREATE FUNCTION members(a JSON) RETURNS JSON LANGUAGE javascript AS $$ return { keys: Object.keys(a) } $$");
    await f.rows("CREATE FUNCTION always() RETURNS BOOLEAN LANGUAGE javascript AS $$ return true $$");
    await f.rows(`CREATE MATERIALIZED VIEW typed AS SELECT k, big(9007199254740993 + k) AS b, nextyear(DATE '2024-02-03') AS d,
      later(TIMESTAMP '2024-02-03 10:00:00.5')::TEXT AS ts, members(coalesce(j, '{"z":1}')) AS m, always() AS n FROM t WHERE k = 2`);
    await f.rows("FLUSH");
    expect(await f.cells("SELECT k, b, d::TEXT, ts, m::TEXT AS m, n FROM typed")).toEqual([
      ["2", "9007199254740996", "2025-02-03", "2024-02-03 10:00:01.5", '{"keys":["z"]}', expect.stringMatching(/^t/)],
    ]);
  });

  it("are listed, and declared in TypeScript", async () => {
    expect(await f.cells("SHOW FUNCTIONS")).toContainEqual(["taxed", "x DECIMAL(10,2)", "DECIMAL(12,3)", "javascript"]);
    expect(await f.cells("SHOW FUNCTIONS")).toContainEqual(["twice", "BIGINT", "BIGINT", "sql"]);
    expect((await f.cells("SHOW FUNCTION TYPES")).flat()).toContain("export declare function taxed(x: string): string | null | undefined;");
  });

  it.each([
    ["CREATE TABLE no (a TEXT DEFAULT shout('a', 1))", "0A000", /shout is written in JavaScript: it cannot be called here/, "CREATE"],
    ["CREATE TABLE no AS SELECT shout('a', 1) AS s", "0A000", /shout is written in JavaScript: it cannot be called here/, "SELECT"],
    ["SELECT mr_js_1_shout(1, 'a', 1)", "42501", /permission denied/, "mr_js_1_shout"],
    ["CREATE FUNCTION lower(a TEXT) RETURNS TEXT LANGUAGE sql AS 'a'", "42723", 'function "lower" is built in', "lower"],
    ["CREATE FUNCTION plus(a INT) RETURNS INT LANGUAGE sql AS 'a'", "42723", 'function "plus" already exists', "plus"],
    ["CREATE OR REPLACE FUNCTION plus(a INT) RETURNS INT LANGUAGE sql AS 'a'", "2BP01", /cannot replace function "plus"/, "plus"],
    ["CREATE OR REPLACE FUNCTION always(a INT) RETURNS INT LANGUAGE sql AS 'a'", "2BP01", /cannot replace function "always"/, "always"],
    ["CREATE FUNCTION f(a INT) RETURNS INT LANGUAGE sql AS 'SELECT f(a)'", "0A000", "function f calls itself", "f"],
    ["CREATE FUNCTION f(a INT) RETURNS INT LANGUAGE sql AS 'SELECT a + nosuch(a)'", "42883", "function nosuch does not exist", "a"],
    ["CREATE FUNCTION f() RETURNS INT LANGUAGE sql AS 'SELECT max(k) FROM t'", "0A000", /is one expression/, "FROM"],
    ["CREATE FUNCTION f() RETURNS INT LANGUAGE sql AS 'SELECT (SELECT max(k) FROM t)'", "0A000", /is one expression/, "("],
    ["CREATE FUNCTION f() RETURNS TEXT LANGUAGE sql AS $$current_setting('x')$$", "42501", /permission denied/, "current_setting"],
    ["CREATE FUNCTION f(a INT) RETURNS INT LANGUAGE sql AS 'SELECT $2'", "42P02", /there is no parameter \$2/, "$"],
    ["CREATE FUNCTION f(a INT, a INT) RETURNS INT LANGUAGE sql AS 'a'", "42701", /used more than once/, "f"],
    ["CREATE FUNCTION f(a INT) RETURNS INT LANGUAGE javascript AS 'return (('", "42601", /^function f: /, "return"],
    ["CREATE FUNCTION f(a INT) RETURNS INT LANGUAGE javascript AS 'return import(a)'", "42601", /import is not there/, "return"],
    ["CREATE FUNCTION f(a BYTEA[]) RETURNS INT LANGUAGE javascript AS 'return 1'", "0A000", /takes and returns no BLOB\[\]/, "f"],
    ["CREATE FUNCTION f(a INT) RETURNS INT LANGUAGE plpython AS 'a'", "42704", 'language "plpython" does not exist', "plpython"],
    ["DROP FUNCTION shout", "2BP01", /cannot drop function "shout"/, "shout"],
    ["DROP FUNCTION nosuch", "42883", "function nosuch does not exist", "nosuch"],
  ])("refuses %s", async (sql, code, message, word) => {
    expect(await f.refusal(sql)).toMatchObject({
      code,
      message: expect.stringMatching(message),
      word,
    });
  });

  it("fail the job with the function, its arguments and the cause", async () => {
    await f.rows("CREATE FUNCTION boom(a INT) RETURNS INT LANGUAGE javascript AS $$ if (a > 100) throw new Error('too big'); return a $$");
    await f.rows("CREATE FUNCTION wrong(a INT) RETURNS INT LANGUAGE javascript AS $$ return a > 100 ? 'many' : a $$");
    await f.rows("CREATE TABLE u (a INT)");
    await f.rows("CREATE MATERIALIZED VIEW booms AS SELECT boom(a) AS b FROM u");
    await f.rows("CREATE MATERIALIZED VIEW wrongs AS SELECT wrong(a) AS b FROM u");
    await f.rows("INSERT INTO u VALUES (1), (101)");
    const errorOf = async (job: string): Promise<string | null | undefined> =>
      (await f.cells("SHOW JOBS")).find(([name]) => name === job)?.at(-1);
    const fails = (job: string, message: string): Promise<void> =>
      eventually(`${job} fails`, async () => (await errorOf(job))?.includes(message) === true);
    await fails("booms", "function boom for a = 101: Error: too big");
    await fails("wrongs", "function wrong for a = 101: it returned 'many', which is no INTEGER");
    await f.rows("DROP FUNCTION boom, wrong CASCADE");
    expect((await f.cells("SHOW JOBS")).map(([name]) => name)).not.toContain("booms");
  });

  it("survive a restart, replaced ones too", async () => {
    await f.rows("CREATE FUNCTION base(a INT) RETURNS INT LANGUAGE sql AS 'a + 1'");
    await f.rows("CREATE FUNCTION above(a INT) RETURNS INT LANGUAGE sql AS 'base(a) * 10'");
    await f.rows("CREATE OR REPLACE FUNCTION base(a INT) RETURNS INT LANGUAGE sql AS 'a + 2'");
    await f.restart();
    expect(await f.cells("SELECT above(1)")).toEqual([["30"]]);
    await f.rows("INSERT INTO t VALUES (4, 'd', 2, NULL)");
    await f.rows("FLUSH");
    expect(await f.cells("SELECT l FROM shouted WHERE k = 4")).toEqual([["D!!!!"]]);
    expect(await f.cells("SELECT e FROM doubles WHERE d = 8")).toEqual([["9"]]);
    await f.rows("DROP FUNCTION base CASCADE");
    expect((await f.cells("SHOW FUNCTIONS")).map(([name]) => name)).not.toContain("above");
  });
});
