import { beforeAll, describe, expect, it } from "vitest";
import { fixture } from "./fixture.ts";

describe("functions in JavaScript, in statements", () => {
  const f = fixture();

  beforeAll(async () => {
    await f.rows("CREATE FUNCTION twice(n BIGINT) RETURNS BIGINT LANGUAGE javascript AS $$ return n === null ? -1n : n * 2n $$");
    await f.rows(
      "CREATE FUNCTION half(n BIGINT) RETURNS BIGINT LANGUAGE javascript STRICT AS $$ if (n % 2n) throw new Error('odd'); return n / 2n $$",
    );
    await f.rows("CREATE FUNCTION shown(n BIGINT) RETURNS TEXT LANGUAGE sql AS $$ '<' || twice(n) || '>' $$");
    await f.rows("CREATE TABLE t (k BIGINT PRIMARY KEY, s TEXT)");
    await f.rows("INSERT INTO t SELECT range, 'r' || range FROM range(5)");
  });

  it.each([
    ["a call", "SELECT twice(k) AS d FROM t ORDER BY d DESC LIMIT 2", [["8"], ["6"]]],
    ["a call of a call", "SELECT twice(twice(twice(k))) AS d FROM t WHERE twice(k) = 4", [["16"]]],
    [
      "a constant, NULL and a strict one",
      "SELECT twice(4) AS a, twice(NULL) AS b, half(NULL) AS c, half(4) AS d, half(4) AS e",
      [["8", "-1", null, "2", "2"]],
    ],
    ["a function in SQL that calls one", "SELECT shown(k) FROM t WHERE k = 3", [["<6>"]]],
    [
      "an aggregate, a group and an order",
      "SELECT sum(twice(k)), count(*) FROM t GROUP BY twice(k) > 4 ORDER BY 1",
      [
        ["6", "3"],
        ["14", "2"],
      ],
    ],
    ["a window and a subquery", "SELECT max(x) FROM (SELECT sum(twice(k)) OVER (ORDER BY k) AS x FROM t)", [["20"]]],
    ["a lambda", "SELECT list_transform([1, 2], lambda x: twice(x))::TEXT", [["[2, 4]"]]],
    [
      "a join condition",
      "SELECT a.k AS a, b.k AS b FROM t a JOIN t b ON twice(a.k) = b.k AND a.k > 0 ORDER BY 1",
      [
        ["1", "2"],
        ["2", "4"],
      ],
    ],
    [
      "CASE that keeps it from what it cannot take",
      "SELECT CASE WHEN k % 2 = 0 THEN half(k) END FROM t ORDER BY k",
      [["0"], [null], ["1"], [null], ["2"]],
    ],
    ["CASE over another call", "SELECT CASE WHEN twice(k) = 2 THEN 0 ELSE half(k) END FROM t WHERE k IN (1, 2) ORDER BY k", [["0"], ["1"]]],
    [
      "a recursion",
      "WITH RECURSIVE r(n) AS (SELECT 1::BIGINT UNION ALL SELECT twice(n) FROM r WHERE n < 100) SELECT max(n) FROM r",
      [["128"]],
    ],
    ["many rows", "SELECT sum(twice(range)) FROM range(30000)", [["899970000"]]],
    ["no rows", "SELECT twice(k) FROM t WHERE k > 100", []],
  ])("%s", async (_, sql, rows) => expect(await f.cells(sql)).toEqual(rows));

  it("names columns as without them", async () =>
    expect(await f.rows("SELECT twice(k), k AS a, k AS b FROM t WHERE k = 1")).toEqual([{ twice: "2", a: "1", b: "1" }]));

  it("take parameters", async () => {
    expect(await f.server().query("SELECT twice($1::BIGINT) AS d, k FROM t WHERE twice(k) = $2", [21, 4])).toEqual([{ d: "42", k: "2" }]);
  });

  it("in views, prepared statements and INSERT, UPDATE, DELETE", async () => {
    await f.rows("CREATE VIEW doubled AS SELECT k, twice(k) AS d FROM t");
    expect(await f.cells("SELECT d FROM doubled WHERE k = 3")).toEqual([["6"]]);
    await f.rows("CREATE TABLE u (k BIGINT PRIMARY KEY, d BIGINT)");
    await f.rows("INSERT INTO u SELECT k, d FROM doubled");
    expect(await f.cells("UPDATE u SET d = twice(d) WHERE half(d) < 2 RETURNING k, d, twice(d)")).toEqual([
      ["0", "0", "0"],
      ["1", "4", "8"],
    ]);
    expect(
      await f.cells(
        "INSERT INTO u VALUES (1, twice(50)), (9, twice(1)) ON CONFLICT (k) DO UPDATE SET d = twice(excluded.d) RETURNING k, d",
      ),
    ).toEqual(
      expect.arrayContaining([
        ["1", "200"],
        ["9", "2"],
      ]),
    );
    await f.rows("BEGIN; DELETE FROM u WHERE twice(k) > 4; INSERT INTO u VALUES (twice(10), 0); COMMIT");
    expect(await f.cells("SELECT k FROM u ORDER BY k")).toEqual([["0"], ["1"], ["2"], ["20"]]);
    expect(await f.cells("PREPARE p AS SELECT twice($1::BIGINT) AS x; EXECUTE p(4)")).toEqual([["8"]]);
  });

  it.each([
    ["SELECT half(k) FROM t", "38000", "function half for n = 1: Error: odd"],
    ["INSERT INTO t SELECT 100 + half(k), 'x' FROM t", "38000", "function half for n = 1: Error: odd"],
    ["SELECT twice('x')", "22P02", /could not convert/i],
  ])("say of %s why", async (sql, code, message) =>
    expect(await f.refusal(sql)).toMatchObject({ code, message: expect.stringMatching(message) }),
  );

  it("take and give lists, structs, maps, decimals and times", async () => {
    await f.rows(
      `CREATE FUNCTION turned(a BIGINT[]) RETURNS BIGINT[] LANGUAGE javascript AS $$ return a.map((x) => x === null ? 0n : x + 1n).reverse() $$`,
    );
    await f.rows(`CREATE FUNCTION moved(p STRUCT(x INTEGER, y DOUBLE, tags TEXT[])) RETURNS STRUCT(y DOUBLE, x INTEGER, "n tags" INTEGER)
      LANGUAGE javascript AS $$ return { x: p.x + 1, y: p.y, 'n tags': p.tags.length } $$`);
    await f.rows(`CREATE FUNCTION counted(words TEXT[]) RETURNS MAP(TEXT, BIGINT) LANGUAGE javascript AS $$
      const n = new Map(); for (const w of words) n.set(w, (n.get(w) ?? 0n) + 1n); return n $$`);
    await f.rows(`CREATE FUNCTION summed(m MAP(TEXT, DECIMAL(10,2))) RETURNS DECIMAL(12,2) LANGUAGE javascript AS $$
      return [...m.values()].reduce((a, v) => a + Number(v), 0).toFixed(2) $$`);
    await f.rows(`CREATE FUNCTION days(ds DATE[]) RETURNS STRUCT(d DATE, t TIMESTAMP, j JSON) LANGUAGE javascript AS $$
      return { d: ds[0], t: 1000000, j: { all: ds } } $$`);
    expect(
      await f.cells(`SELECT turned([1, NULL, 9007199254740993])::TEXT AS a, moved({'x': 1, 'y': 'NaN'::DOUBLE, 'tags': ['a', 'b']})::TEXT AS b,
        counted(['a', 'b', 'a'])::TEXT AS c, summed(MAP {'a': 1.25, 'b': 2})::TEXT AS d, days([DATE '2024-02-29'])::TEXT AS e`),
    ).toEqual([
      ["[9007199254740994, 0, 2]", "{'y': nan, 'x': 2, 'n tags': 2}", "{a=2, b=1}", "3.25", expect.stringContaining("2024-02-29")],
    ]);
    await f.rows("CREATE TABLE w (k INT PRIMARY KEY, words TEXT[])");
    await f.rows("INSERT INTO w VALUES (1, ['x', 'y', 'x']), (2, [])");
    await f.rows("CREATE MATERIALIZED VIEW words AS SELECT k, counted(words) AS n, counted(words)['x'] AS x FROM w");
    await f.rows("FLUSH");
    expect(await f.cells("SELECT k, n::TEXT, x FROM words ORDER BY k")).toEqual([
      ["1", "{x=2, y=1}", "2"],
      ["2", "{}", null],
    ]);
    expect((await f.cells("SHOW FUNCTION TYPES")).flat()).toEqual(
      expect.arrayContaining([
        "export declare function turned(a: (bigint | null)[] | null): (bigint | null)[] | null | undefined;",
        `export declare function moved(p: { x: number | null; y: number | null; tags: (string | null)[] | null } | null): { y: number | null; x: number | null; "n tags": number | null } | null | undefined;`,
        "export declare function counted(words: (string | null)[] | null): Map<string, bigint | null> | null | undefined;",
      ]),
    );
    expect(await f.cells("SHOW CREATE FUNCTION turned")).toEqual([
      ["turned", expect.stringContaining("CREATE FUNCTION turned(a BIGINT[])")],
    ]);
  });

  it.each([
    ["RETURNS INT[]", "return 1", /it returned a number where an array is expected/],
    ["RETURNS INT[]", "return [1.5]", /it returned '\[1.5\]', which is no INTEGER\[\]/],
    ["RETURNS STRUCT(a INT)", "return { b: 1 }", /a field b, which its type lacks/],
    ["RETURNS MAP(TEXT, INT)", "return new Map([[null, 1]])", /which is no MAP/],
    ["RETURNS STRUCT(a INT)", "return { get a() { throw new Error('mine') } }", /Error: mine/],
    ["RETURNS TEXT[]", "return [{}]", /it returned an object where a value is expected/],
  ])("%s: %s is refused", async (returns, body, message) => {
    await f.rows(`CREATE FUNCTION wrong() ${returns} LANGUAGE javascript AS $$ ${body} $$`);
    expect(await f.refusal("SELECT wrong()")).toMatchObject({ code: "38000", message: expect.stringMatching(message) });
    await f.rows("DROP FUNCTION wrong");
  });

  it("end where they do not end by themselves, and others are answered meanwhile", async () => {
    await f.rows("CREATE FUNCTION forever() RETURNS INT LANGUAGE javascript AS $$ for (;;); $$");
    await f.rows(
      "CREATE FUNCTION hungry() RETURNS INT LANGUAGE javascript AS $$ const all = []; for (;;) all.push(new Array(10_000).fill(all.length)) $$",
    );
    const refused = f.refusal("SELECT forever()");
    const began = Date.now();
    for (let i = 0; i < 10; i++) expect(await f.cells("SELECT count(*) FROM t")).toEqual([["5"]]);
    expect(Date.now() - began).toBeLessThan(4_000);
    expect(await refused).toMatchObject({ code: "57014", message: "function forever took longer than 5 s for a batch" });
    expect(await f.refusal("SELECT hungry()")).toMatchObject({ code: "54000", message: "function hungry needs more than 64 MB" });
    expect(await f.refusal("SET statement_timeout = '300ms'; SELECT forever()")).toMatchObject({
      code: "57014",
      message: "canceling statement due to statement timeout",
    });
  });

  it("are refused where a recursion asks for ever more", async () => {
    const sql = "WITH RECURSIVE r(n) AS (SELECT 1::BIGINT UNION ALL SELECT twice(n) % 1000003 FROM r WHERE n > 0) SELECT max(n) FROM r";
    expect(await f.refusal(sql)).toMatchObject({ code: "54001", message: /depend on each other's results/ });
  });

  it("survive a restart", async () => {
    await f.restart();
    expect(await f.cells("SELECT twice(d) FROM doubled WHERE k = 1")).toEqual([["4"]]);
    expect(await f.cells("SELECT shown(3)")).toEqual([["<6>"]]);
  });
});
