import { describe, expect, it } from "vitest";
import { SqlError, type SqlState } from "../../runtime/contract/errors.ts";
import { parseStatements } from "./parse.ts";

/** [text, message, what stands at the position ("" for the end), hint, SQLSTATE if not a syntax error] */
type Refusal = readonly [sql: string, message: string, near: string, hint?: string | undefined, sqlState?: SqlState];

const near = (word: string): string => `syntax error at or near "${word}"`;
const perhaps = (word: string): string => `Perhaps you meant "${word}".`;
const end = "syntax error at end of input";

const refusals: readonly Refusal[] = [
  ["CREAT TABLE t (a INT)", near("CREAT"), "CREAT", perhaps("CREATE")],
  ["SELECT 1;\n  slect 2", near("slect"), "slect", perhaps("SELECT")],
  ["CREATE SORCE s", near("SORCE"), "SORCE", perhaps("SOURCE")],
  ["CREATE STREAMING JBO j", near("JBO"), "JBO", perhaps("JOB")],
  ["CREATE MATERIALISED VIEW m AS SELECT 1", near("MATERIALISED"), "MATERIALISED", perhaps("MATERIALIZED")],
  ["DROP TABEL t", near("TABEL"), "TABEL", perhaps("TABLE")],
  ["CREATE", end, ""],
  ["xyzzy", near("xyzzy"), "xyzzy"],
  ["'a'", near("'a'"), "'a'"],
  ["SHOW", end, ""],
  ["SELECT (1", end, "", 'Close the "(" before "1".'],
  ["SELECT 1)", near(")"), ")"],
  ["SELECT (1]", near("]"), "]"],
  ["SELECT (1; SELECT 2)", near(";"), "; SELECT 2)"],
  ["CREATE TABLE t (a bigit)", 'type "bigit" does not exist', "bigit", perhaps("bigint"), "42704"],
  [
    "CREATE TABLE t (a decimal(99, 2))",
    '"decimal(99, 2)" must have a precision from 1 to 38 and a scale not above it',
    "decimal(99",
    undefined,
    "22023",
  ],
  ["CREATE TABLE t (a int, A text)", 'column "a" specified more than once', "A text", undefined, "42701"],
  ["CREATE TABLE t (a int, PRIMARY KEY (b))", 'column "b" named in key does not exist', "b))", undefined, "42703"],
  ["CREATE TABLE t (a int PRIMARY KEY, b int PRIMARY KEY)", "multiple primary keys are not allowed", "PRIMARY KEY)"],
  ["CREATE TABLE t (a int, PRIMARY KEY (a, a))", 'column "a" appears twice in primary key constraint', "a))", undefined, "42701"],
  ["CREATE TABLE t (a int REFERENCES b)", "REFERENCES on a column is not supported yet", "REFERENCES", undefined, "0A000"],
  ["CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES b)", "FOREIGN constraint is not supported yet", "FOREIGN", undefined, "0A000"],
  [
    "CREATE TABLE t (a int AS (1))",
    "a computed column with a type is not supported yet",
    "AS (1)",
    "Write a AS CAST(expression AS type).",
    "0A000",
  ],
  ["CREATE TABLE t (a int DEFALT 1)", near("DEFALT"), "DEFALT", perhaps("DEFAULT")],
  ["CREATE TABLE t (a int,)", near(")"), ")"],
  ["CREATE TABLE t (a int", end, ""],
  [
    "CREATE SOURCE s (ts TIMESTAMP, WATERMARK FOR tss AS tss) WITH (connector = 'x')",
    'column "tss" does not exist',
    "tss AS",
    perhaps("ts"),
    "42703",
  ],
  [
    "CREATE SOURCE s (ts TIMESTAMP, WATERMARK FOR ts AS ts, WATERMARK FOR ts AS ts) WITH (a = 1)",
    "a table can have one watermark only",
    "ts AS ts) WITH",
  ],
  ["CREATE SOURCE s (ts TIMESTAMP) WIHT (connector = 'x')", near("WIHT"), "WIHT", perhaps("WITH")],
  ["CREATE SOURCE s (ts TIMESTAMP) WITH (a = 'x', A = 'y')", 'option "a" is given twice', "A = 'y'"],
  ["CREATE SOURCE s WITH (a = )", near(")"), ")"],
  ["CREATE STREAMING JOB j AS SELCT 1", near("SELCT"), "SELCT", perhaps("SELECT")],
  ["CREATE STREAMING JOB j AS SELECT 1 EMIT ON WINDOW", end, ""],
  ["CREATE STREAMING JOB j AS BEGIN INSERT INTO k SELECT 1 END", near("END"), "END", 'Put ";" before END.'],
  ["CREATE STREAMING JOB j AS BEGIN INSERT INTO k SELECT 1;", end, ""],
  ["CREATE STREAMING JOB j AS INSERT k SELECT 1", near("k"), "k SELECT"],
  [
    "SELECT 1 EMIT ON UPDATE",
    "EMIT belongs to a streaming job",
    "EMIT",
    "Put the query into CREATE STREAMING JOB or CREATE MATERIALIZED VIEW.",
  ],
  [
    "CREATE SINK k AS SELECT 1",
    "a sink with its query is not supported yet",
    "AS SELECT",
    "Use CREATE SINK … WITH (…), then CREATE STREAMING JOB … AS INSERT INTO the sink.",
    "0A000",
  ],
  ["STOP STREAMING JOB j WITH DRIAN", near("DRIAN"), "DRIAN", perhaps("DRAIN")],
  ["ALTER STREAMING JOB j PASUE", near("PASUE"), "PASUE", perhaps("PAUSE")],
  ["CREATE TABLE t (a int, order int)", near("order"), "order", '"order" is a reserved word: as a name it needs double quotes.'],
  ["CREATE VIEW AS SELECT 1", near("AS"), "AS SELECT", '"AS" is a reserved word: as a name it needs double quotes.'],
  ["DROP TABLE a b", near("b"), "b"],
  ["DROP TABLE db.s.t", "cross-database references are not implemented: db.s.t", "db.s.t", undefined, "0A000"],
  ["EXPLAIN EXPLAIN SELECT 1", near("EXPLAIN"), "EXPLAIN SELECT"],
  ["EXPLAIN (LOGICL) SELECT 1", near("LOGICL"), "LOGICL", perhaps("LOGICAL")],
  ["PREPARE p AS DROP TABLE t", near("DROP"), "DROP"],
  ["SET x", end, ""],
  ["INSERT INTO t VALEUS (1)", near("VALEUS"), "VALEUS", perhaps("VALUES")],
  ["UPDATE t SETT a = 1", near("a"), "a = 1"],
  ["CREATE SAVEPOINT s FOR j", near("j"), "j"],
  ["STOP STREAMING JOB j WITH SAVEPOINT", end, ""],
  ["SELECT 1; LISTEN t", "LISTEN is not supported yet", "LISTEN", undefined, "0A000"],
  ["COPY t FROM PROGRAM 'ls'", "COPY FROM PROGRAM is not supported yet", "PROGRAM", undefined, "0A000"],
];

describe("parseStatements refuses", () => {
  it.each(refusals)("%s", (...refusal) => {
    const [sql, message, place, hint, sqlState = "42601"] = refusal as unknown as Refusal;
    let thrown: unknown;
    try {
      parseStatements(sql);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(SqlError);
    const { at, ...error } = thrown as SqlError;
    expect({ ...error, message: (thrown as SqlError).message }).toMatchObject({ message, sqlState, hint });
    expect(sql.slice(at, (at ?? 0) + place.length)).toBe(place);
    expect(place !== "" || at === sql.length).toBe(true);
  });
});
