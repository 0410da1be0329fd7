/**
 * What PostgreSQL 15.18 answered to `SELECT (expression)::text`, recorded once (functions.json, null for NULL), held against
 * Millrace's reading of the same text. `differences` are those that docs/sql.md owns up to.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { beforeAll, describe, expect, it } from "vitest";
import { batchPrelude } from "../../planner/front/prelude-sql.ts";
import { rewriteQuery } from "../../planner/front/rewrite/rewrite-query.ts";
import { registerNativeFunctions } from "../../runtime/duckdb/native-functions.ts";

type Recorded = readonly [expression: string, postgres: string | null];
const recorded = JSON.parse(readFileSync(join(import.meta.dirname, "functions.json"), "utf8")) as readonly Recorded[];

/** Expressions that Millrace answers otherwise: with this text, or with an error. */
const refused = Symbol("refused");
const differences: ReadonlyMap<string, string | null | typeof refused> = new Map<string, string | null | typeof refused>([
  ["to_char(timestamp '0044-03-15 12:00:00 BC', 'YYYY-MM-DD BC')", refused],
  ["to_timestamp('12:30:45', 'HH24:MI:SS')::timestamp::text", "0001-01-01 (BC) 12:30:45"],
  ["to_number('12,454.8-', '99G999D9S')::text", "-12454.8000000000"],
  ["to_number('-12,454.8', '99G999D9')::text", "-12454.8000000000"],
  ["to_number('1234.56', '9999.99')::text", "1234.5600000000"],
  ["to_number('$1,234.56', 'L9,999.99')::text", "1234.5600000000"],
  ["to_number('485', '999')::text", "485.0000000000"],
  ["to_number('<12>', '99PR')::text", "-12.0000000000"],
  ["to_number('0.5', '9.9')::text", "0.5000000000"],
  ["to_number('12abc', '99')::text", "12.0000000000"],
  ["initcap('o''neil mc-donald x_y 2nd éCOLE')", "O'Neil Mc-Donald X_Y 2nd École"],
  ["to_json(regexp_match('abc', '(a)(x)?'))::text", '["a",""]'],
  ["regexp_instr('ABCDEF', 'c(.)(..)', 1, 1, 0, 'i')", refused],
  ["date_trunc('century', timestamp '2001-02-16 20:38:40')::text", "2000-01-01 00:00:00"],
  ["(date '2001-02-16', interval '100 days') overlaps (date '2001-10-30', date '2002-10-30')", refused],
  ["to_json(array[1,2] || 3)::text", refused],
  ["json_build_object('foo', 1, 'bar', 'x')::jsonb::text", '{"foo":1,"bar":"x"}'],
  ["jsonb_build_array(1, 2, 'foo', true, null)::text", '[1,2,"foo",true,null]'],
  ['jsonb_strip_nulls(\'{"f1":1, "f2":null}\'::jsonb)::text', '{"f1":1}'],
  ["('{\"a\":1,\"b\":2}'::jsonb - 'a')::text", refused],
  ['(\'["a","b"]\'::jsonb - 0)::text', refused],
  ["('{\"a\":1}'::jsonb || '{\"b\":2}'::jsonb)::text", '{"a":1}{"b":2}'],
  ["('[1]'::jsonb || '[2]'::jsonb)::text", "[1][2]"],
  ["jsonb_set('{\"a\":1,\"b\":{\"c\":2}}'::jsonb, '{b,c}', '5'::jsonb)::text", '{"a":1,"b":{"c":5}}'],
  ["div(9.5, 2)", "4.0"],
  ["round(2.5::double precision)", "3.0"],
  ["round(3.5::double precision)", "4.0"],
  ["round(-2.5::double precision)", "-3.0"],
  ["round(0.5::double precision)", "1.0"],
  ["cbrt(64.0::double precision)", "4.0"],
  ["2 ^ 10", "1024.0"],
  ["trim_scale(8.4100)::text", refused],
  ["to_hex(-1)", "ffffffffffffffff"],
  ["parse_ident('a.\"B\"') = array['a','B']", refused],
  ["concat('a', true)", "atrue"],
  ["5.0 / 2", "2.5"],
  ["|/ 25.0", "5.0"],
  ["1 between symmetric 2 and 0", refused],
  ["'1e3'::float8", "1000.0"],
  ["cast('off' as boolean)", refused],
  ["'abc'::varchar(2)", "abc"],
]);

let db: DuckDBConnection;
beforeAll(async () => {
  db = await (await DuckDBInstance.create(":memory:", { threads: "1", default_null_order: "postgres" })).connect();
  await db.run("SET TimeZone = 'UTC'");
  registerNativeFunctions(db);
  for (const statement of batchPrelude) await db.run(statement);
});

async function answer(expression: string): Promise<string | null | typeof refused> {
  try {
    const { text } = rewriteQuery({ text: `SELECT (${expression})::text`, at: 0 });
    const value = (await db.runAndReadAll(text)).getRowsJson()[0]?.[0] as string | null;
    return value;
  } catch {
    return refused;
  }
}

describe("functions as PostgreSQL answers them", () => {
  it.each(recorded)("%s is %j", async (expression, postgres) => {
    expect(await answer(expression)).toBe(differences.has(expression) ? differences.get(expression) : postgres);
  });

  it("lists no difference that is none", () => {
    const known = new Map(recorded);
    for (const [expression, ours] of differences) expect([known.has(expression), ours === known.get(expression)]).toEqual([true, false]);
  });
});
