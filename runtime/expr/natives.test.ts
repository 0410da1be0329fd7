import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ExpressionOracle, randomRows } from "../../sql-tests/runner/expression-oracle.ts";
import { batchOf } from "../contract/rows.ts";
import type { Schema } from "../contract/types.ts";
import { compileCalc } from "./calc.ts";

/** Functions of ../functions/native, called from a job's loop and through DuckDB: the same values and the same refusals. */
const schema: Schema = {
  columns: [
    { name: "ts", type: { id: "timestamp" } },
    { name: "tz", type: { id: "timestamptz" } },
    { name: "n", type: { id: "bigint" } },
    { name: "d", type: { id: "decimal", width: 12, scale: 3 } },
    { name: "x", type: { id: "double" } },
    { name: "s", type: { id: "varchar" } },
    { name: "j", type: { id: "json" } },
    { name: "v", type: { id: "interval" } },
    { name: "b", type: { id: "blob" } },
    { name: "l", type: { id: "list", element: { id: "varchar" } } },
  ],
};
const second = 1_000_000n;
const values = [
  [null, 0n, -1n, 1_709_202_030_456_789n, 9_223_372_036_854_775_807n, -70_000_000_000n * second],
  [null, 0n, 1_709_202_030_456_789n],
  [null, 0n, 1n, -1n, 485n, 1_234_567n, 9_223_372_036_854_775_807n],
  [null, 0n, 500n, -500n, 1_234_567n, -999_995n],
  [null, 0, -0, 1.5, -2.675, 1e15, 123_456.789],
  [null, "", "a", "hello WORLD", "aé x", "2024-02-03", "o'k\\", "ab,c"],
  [null, '{"a":{"b":[1,"x"]},"c":null}', "[1,2,[3]]", '"a"', "12345678901234567890"],
  [
    null,
    { months: 14, days: 40, micros: -3_600_000_000n },
    { months: 0, days: 0, micros: 100_000_000_000n },
    { months: -1, days: 1, micros: 1n },
  ],
  [null, new Uint8Array(), new Uint8Array([0, 255, 65, 92])],
  [null, [], ["a", null, "b"]],
] as const;

let oracle: ExpressionOracle;
beforeAll(async () => {
  oracle = await ExpressionOracle.open(schema, randomRows(values, 60, 7));
});
afterAll(() => oracle.close());

describe("functions of values in a job's loop", () => {
  it.each([
    "to_char(ts, 'FMDay DDth Month YYYY HH12:MI:SS.US AM')",
    "to_char(tz, 'YYYY-MM-DD HH24:MI TZ')",
    "to_char(v, 'YYYY MM DD HH24:MI:SS')",
    "to_char(n, 'FM9,999,999')",
    "to_char(d, 'S99G999D99')",
    "to_char(x, '999999.99')",
    "to_char(ts, s)",
    "to_date(s, 'YYYY-MM-DD')",
    "to_timestamp(s, 'YYYY-MM-DD')",
    "to_number(s, '9999')",
    "initcap(s)",
    "quote_ident(s)",
    "mr_quote_literal(s)",
    "mr_format('%s is %L', s, n::VARCHAR)",
    "mr_normalize(s, 'NFD')",
    "encode(b, 'escape')",
    "encode(sha384(b), 'hex')",
    "decode(s, 'base64')",
    "justify_interval(v)",
    "justify_days(v)",
    "v // x",
    "mr_json_path(j, '{a,b}')",
    "mr_json_path_text(j, '{a,b,1}')",
    "mr_json_has(j, 'a')",
    `j @> '{"a":{"b":["x"]}}'`,
    "jsonb_set(j, '{a,z}', '1')",
    "json_strip_nulls(j)",
    "left(s, n)",
    "left(s, -2)",
    "right(s, n)",
    "right(s, -2)",
    "lpad(s, 8, 'xé')",
    "rpad(s, 8, 'xé')",
    "lpad(s, n::INTEGER % 20, s)",
    "md5(s)",
    "concat_ws(s, s, NULL, 'x', j::VARCHAR)",
    "sqrt(x)",
    "sqrt(abs(x))",
    "coalesce(to_char(ts, 'YYYY'), s, '-')",
  ])("%s", async (sql) => expect(await oracle.differences(sql)).toEqual([]));
});

describe("casts of texts", () => {
  it("name the text that is no value", async () => {
    const cast = await oracle.bind("s::INTEGER");
    const calc = compileCalc(null, [cast], schema);
    const batch = batchOf(schema, [[null, null, null, null, null, "12a", null, null, null, null]]);
    expect(() => calc.run(batch, 0n)).toThrow('invalid input syntax for type INTEGER: "12a"');
  });
});
