import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { fixture } from "./fixture.ts";

const run = promisify(execFile);
const hasPsql = await run("psql", ["--version"]).then(
  () => true,
  () => false,
);

describe("COPY … TO", () => {
  const f = fixture();
  const path = (name: string): string => join(f.directory, name);
  const written = (name: string): string => readFileSync(path(name), "utf8");

  beforeAll(async () => {
    await f.rows("CREATE TABLE t (k BIGINT PRIMARY KEY, s TEXT, x DOUBLE, at TIMESTAMP, l INT[])");
    await f.rows(`INSERT INTO t VALUES (1, E'a\\tb\\\\c\\nd', 1.5, '2024-02-03 04:05:06', [1, NULL]), (2, NULL, 'NaN', NULL, NULL),
      (3, '', 2, NULL, []), (4, 'x,"y"', 3, NULL, NULL)`);
  });

  it("writes Postgres' text format into a file", async () => {
    expect(await f.rows(`COPY t TO '${path("t.txt")}'`)).toEqual([]);
    expect(written("t.txt")).toBe(
      [
        String.raw`1	a\tb\\c\nd	1.5	2024-02-03 04:05:06	{1,NULL}`,
        String.raw`2	\N	NaN	\N	\N`,
        String.raw`3		2	\N	{}`,
        String.raw`4	x,"y"	3	\N	\N`,
        "",
      ].join("\n"),
    );
  });

  it("writes a query as CSV, with a header", async () => {
    await f.rows(`COPY (SELECT k, s FROM t WHERE k > 1 ORDER BY k) TO '${path("q.csv")}' (FORMAT csv, HEADER)`);
    expect(written("q.csv")).toBe('k,s\n2,\n3,""\n4,"x,""y"""\n');
    await f.rows(`COPY t (s, k) TO '${path("c.csv")}' WITH (FORMAT csv, NULL 'NIL', DELIMITER ';', QUOTE '''')`);
    expect(written("c.csv").split("\n").slice(-4)).toEqual(["NIL;2", ";3", `x,"y";4`, ""]);
  });

  it("reads back what it wrote", async () => {
    for (const options of ["", "(FORMAT csv, HEADER match)"]) {
      await f.rows(`COPY t TO '${path("again")}' ${options}`);
      await f.rows("DROP TABLE IF EXISTS again");
      await f.rows("CREATE TABLE again (k BIGINT PRIMARY KEY, s TEXT, x DOUBLE, at TIMESTAMP, l INT[])");
      await f.rows(`COPY again FROM '${path("again")}' ${options}`);
      expect(await f.cells("SELECT count(*) FROM (SELECT * FROM t EXCEPT SELECT * FROM again)")).toEqual([["0"]]);
      expect(await f.cells("SELECT count(*) FROM again")).toEqual([["4"]]);
    }
  });

  it("takes results of jobs and functions in JavaScript", async () => {
    await f.rows("CREATE MATERIALIZED VIEW n AS SELECT count(*) AS n FROM t");
    await f.rows("CREATE FUNCTION mark(s TEXT) RETURNS TEXT LANGUAGE javascript AS $$ return `<${s}>` $$");
    await f.rows("FLUSH");
    await f.rows(`COPY (SELECT mark(n::TEXT) FROM n) TO '${path("n")}'`);
    expect(written("n")).toBe("<4>\n");
  });

  it.runIf(hasPsql)("serves psql's \\copy and COPY TO STDOUT", async () => {
    const psql = (command: string): Promise<{ readonly stdout: string }> =>
      run("psql", ["-X", "-h", "127.0.0.1", "-p", String(f.server().pgPort), "-U", "test", "-c", command, "millrace"]);
    expect((await psql(`\\copy t (k, s) to '${path("psql.csv")}' with (format csv)`)).stdout).toBe("COPY 4\n");
    expect(written("psql.csv").split("\n").slice(-4)).toEqual(["2,", '3,""', '4,"x,""y"""', ""]);
    expect((await psql("COPY (SELECT k FROM t ORDER BY k DESC LIMIT 2) TO STDOUT")).stdout).toBe("4\n3\n");
  });

  it.each([
    ["COPY t TO STDOUT (FORMAT binary)", "0A000", /binary format/],
    ["COPY t TO PROGRAM 'cat'", "0A000", /COPY TO PROGRAM/],
    ["COPY t (nosuch) TO STDOUT", "42703", /nosuch/],
    ["COPY nosuch TO STDOUT", "42P01", /"nosuch" does not exist/],
    ["COPY (DELETE FROM t) TO STDOUT", "42601", /syntax error/],
    ["COPY t TO '/nosuch/dir/file'", "58030", /cannot write "\/nosuch\/dir\/file": no such file or directory/],
  ])("refuses %s", async (sql, code, message) =>
    expect(await f.refusal(sql)).toMatchObject({ code, message: expect.stringMatching(message) }),
  );
});
