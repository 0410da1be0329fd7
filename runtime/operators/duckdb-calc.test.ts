import { afterEach, describe, expect, it } from "vitest";
import { linesOf, OperatorHarness } from "../../sql-tests/runner/operator-harness.ts";
import type { Expression } from "../contract/expressions.ts";
import type { DuckdbCalcSpec } from "../contract/job-graph.ts";
import { bigint, boolean, formatType, type Schema, type SqlType, timestamp, varchar } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";
import { literalToSql } from "../expr/to-sql.ts";
import { openLocal } from "../duckdb/local.ts";
import { duckdbCalc } from "./duckdb-calc.ts";

const schema: Schema = {
  columns: [
    { name: "v", type: bigint },
    { name: "unused", type: timestamp },
    { name: "s", type: varchar },
  ],
};
const v: Expression = { kind: "column", index: 0, type: bigint };
const s: Expression = { kind: "column", index: 2, type: varchar };
const literal = (type: SqlType, value: Value): Expression => ({ kind: "literal", type, value });
const call = (name: string, type: SqlType, ...args: Expression[]): Expression => ({ kind: "call", name, arguments: args, type });
const output = (...types: readonly SqlType[]): Schema => ({ columns: types.map((type, t) => ({ name: `p${t}`, type })) });

let harness: OperatorHarness<DuckdbCalcSpec>;
const open = async (filter: Expression | null, projections: readonly Expression[]) => {
  const spec: DuckdbCalcSpec = { op: "duckdbCalc", filter, projections };
  harness = await OperatorHarness.open({
    definition: duckdbCalc,
    spec,
    inputs: [schema],
    output: output(...projections.map((p) => p.type)),
  });
  return harness;
};
afterEach(() => harness.close());

describe("duckdbCalc", () => {
  it("keeps the order and the weights of rows", async () => {
    const above: Expression = { kind: "compare", operator: ">", left: v, right: literal(bigint, 1n), type: boolean };
    await open(above, [call("reverse", varchar, s), call("+", bigint, v, literal(bigint, 1n))]);
    expect(await harness.feed("+ 5 00:00:00 abc | - 2 00:00:00 NULL | +3 9 00:00:00 'x''y' | + 1 00:00:00 q | wm 00:00:01")).toEqual(
      linesOf("+ cba 6 | - NULL 3 | +3 'y''x' 10 | wm 00:00:01"),
    );
  });

  it("evaluates without any column", async () => {
    await open(null, [call("repeat", varchar, literal(varchar, "ab"), literal(bigint, 2n))]);
    expect(await harness.feed("+ 1 00:00:00 a | + 2 00:00:00 b")).toEqual(["+ abab", "+ abab"]);
  });

  it("reports a row without a value as the user's failure", async () => {
    await open(null, [{ kind: "cast", argument: s, type: bigint, tryCast: false }]);
    await expect(harness.feed("+ 1 00:00:00 abc")).rejects.toMatchObject({ domain: "user" });
    expect(await harness.feed("+ 1 00:00:00 12")).toEqual(["+ 12"]);
  });
});

describe("literals as SQL keep type and value", () => {
  const struct: SqlType = { id: "struct", fields: [{ name: 'a "b"', type: bigint }] };
  const cases: readonly (readonly [SqlType, Value, string])[] = [
    [varchar, "it's '' a \\ \"text\"", "it's '' a \\ \"text\""],
    [varchar, "a\0b; DROP TABLE input --", "a\0b; DROP TABLE input --"],
    [{ id: "double" }, 0.1, "0.1"],
    [{ id: "double" }, -0, "-0.0"],
    [{ id: "double" }, Number.NaN, "nan"],
    [{ id: "double" }, -Infinity, "-inf"],
    [{ id: "decimal", width: 30, scale: 5 }, -(10n ** 29n) + 1n, "-999999999999999999999999.99999"],
    [bigint, -(2n ** 63n), "-9223372036854775808"],
    [{ id: "hugeint" }, 2n ** 100n, "1267650600228229401496703205376"],
    [{ id: "date" }, -719_528 - 40, "0002-11-22 (BC)"],
    [{ id: "date" }, 2_147_483_647, "infinity"],
    [timestamp, -1n, "1969-12-31 23:59:59.999999"],
    [timestamp, 9_223_372_036_854_775_807n, "infinity"],
    [{ id: "timestamptz" }, 0n, "1970-01-01 00:00:00+00"],
    [{ id: "time" }, 86_399_999_999n, "23:59:59.999999"],
    [{ id: "interval" }, { months: -13, days: 2, micros: -1n }, "-1 year -1 month 2 days -00:00:00.000001"],
    [{ id: "blob" }, new Uint8Array([0, 39, 255]), "\\x00\\x27\\xFF"],
    [{ id: "uuid" }, "00000000-0000-0000-0000-00000000000a", "00000000-0000-0000-0000-00000000000a"],
    [{ id: "list", element: varchar }, ["a", null], "[a, NULL]"],
    [struct, [1n], "{'a \"b\"': 1}"],
    [{ id: "map", key: varchar, value: bigint }, [["k", 1n]], "{k=1}"],
    [boolean, null, "NULL"],
  ];
  it("for every type", async () => {
    const duckdb = await openLocal();
    for (const [type, value, expected] of cases) {
      const sql = literalToSql(type, value);
      const [row] = await (await duckdb.stream(`SELECT coalesce(CAST(${sql} AS VARCHAR), 'NULL'), typeof(${sql})`)).rows();
      const name = (await (await duckdb.stream(`SELECT typeof(CAST(NULL AS ${formatType(type)}))`)).rows())[0]?.[0];
      expect([sql, ...(row ?? [])]).toEqual([sql, expected, name]);
    }
    await duckdb.close();
  });
});
