import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Schema, SqlType } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";
import { ExpressionOracle, randomRows } from "../../sql-tests/runner/expression-oracle.ts";

const max = (bits: number): bigint => 2n ** BigInt(bits - 1) - 1n;
const small = (bits: number): Value[] => [null, 0, 1, -1, 2, 3, 7, -7, Number(max(bits)), Number(-max(bits) - 1n), 100];
const large = (bits: number): Value[] => [null, 0n, 1n, -1n, 2n, 3n, 10n, -7n, max(bits), -max(bits) - 1n, 123_456_789_012n];
const floats: Value[] = [null, 0, -0, 1, -1, 0.5, -2.5, 3.7, Number.NaN, Infinity, -Infinity, 1e300];
const decimals = (digits: number): Value[] => [null, 0n, 1n, -5n, 25n, -150n, 10n ** BigInt(digits) - 1n, 1n - 10n ** BigInt(digits)];

const types: Readonly<Record<string, readonly [SqlType, readonly Value[]]>> = {
  ti: [{ id: "tinyint" }, small(8)],
  si: [{ id: "smallint" }, small(16)],
  i: [{ id: "integer" }, small(32)],
  b: [{ id: "bigint" }, large(64)],
  h: [{ id: "hugeint" }, large(128)],
  ui: [{ id: "uinteger" }, [null, 0n, 1n, 7n, 4_294_967_295n]],
  ut: [{ id: "utinyint" }, [null, 0, 1, 7, 255]],
  ub: [{ id: "ubigint" }, [null, 0n, 1n, 7n, 2n ** 64n - 1n]],
  f: [{ id: "double" }, floats],
  r: [{ id: "real" }, floats.map((v) => (typeof v === "number" ? Math.fround(v) : v))],
  d: [{ id: "decimal", width: 9, scale: 2 }, decimals(9)],
  e: [{ id: "decimal", width: 18, scale: 3 }, decimals(18)],
  w: [{ id: "decimal", width: 30, scale: 5 }, decimals(30)],
};

/** Columns `b1`, `b2`, … two of each type. */
const schema: Schema = {
  columns: Object.entries(types).flatMap(([name, [type]]) => [`${name}1`, `${name}2`].map((n) => ({ name: n, type }))),
};
const rows = randomRows(
  Object.values(types).flatMap(([, values]) => [values, values]),
  200,
  7,
);
let oracle: ExpressionOracle;
beforeAll(async () => {
  oracle = await ExpressionOracle.open(schema, rows);
});
afterAll(() => oracle.close());

const castTargets = [
  "BOOLEAN",
  "TINYINT",
  "INTEGER",
  "BIGINT",
  "UINTEGER",
  "HUGEINT",
  "REAL",
  "DOUBLE",
  "DECIMAL(9,2)",
  "DECIMAL(18,3)",
  "DECIMAL(30,5)",
];
const orders = ["=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"];
const isDecimal = (name: string): boolean => "dew".includes(name);
const isFloat = (name: string): boolean => name === "f" || name === "r";

/** What the binder leaves in the column's own type; a decimal quotient and a product beyond 38 digits are DOUBLE or refused. */
const operatorsOf = (name: string): readonly string[] =>
  ["+", "-", "*", "//", "%", "/"].filter((o) =>
    o === "/" ? isFloat(name) : !isDecimal(name) || (o !== "//" && (name !== "w" || o !== "*")),
  );

describe("numbers equal DuckDB's", () => {
  for (const n of Object.keys(types)) {
    it(`${n}: arithmetic`, async () =>
      expect(await oracle.differences(...operatorsOf(n).flatMap((o) => [`${n}1 ${o} ${n}2`, `${n}1 ${o} 3`, `2 ${o} ${n}1`]))).toEqual([]));

    it(`${n}: comparisons and branches`, async () =>
      expect(
        await oracle.differences(
          ...orders.map((o) => `${n}1 ${o} ${n}2`),
          `${n}1 BETWEEN ${n}2 AND 7`,
          `${n}1 NOT BETWEEN 0 AND ${n}2`,
          `${n}1 IN (1, 2, ${n}2, NULL)`,
          `${n}1 NOT IN (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)`,
          `CASE WHEN ${n}1 > ${n}2 THEN ${n}1 WHEN ${n}2 > 1 THEN ${n}2 ELSE 1 END`,
          `coalesce(${n}1, ${n}2, 5)`,
          `${n}1 IS NULL OR (${n}2 > 1 AND NOT (${n}1 = 0))`,
        ),
      ).toEqual([]));

    it(`${n}: casts`, async () => {
      const casts = castTargets.flatMap((t) => [`${n}1::${t}`, `TRY_CAST(${n}1 AS ${t})`]);
      const compiled = await Promise.all(casts.map((cast) => oracle.compiles(cast)));
      expect(compiled.filter(Boolean).length).toBeGreaterThanOrEqual(18);
      expect(await oracle.differences(...casts.filter((_, c) => compiled[c]))).toEqual([]);
    });
  }

  it("functions", async () =>
    expect(
      await oracle.differences(
        ...Object.keys(types)
          .filter((n) => n !== "r")
          .flatMap((n) => [`greatest(${n}1, ${n}2)`, `least(${n}1, ${n}2)`]),
        ..."ti si i b h f r d e w".split(" ").map((n) => `abs(${n}1)`),
        ..."f r d e w".split(" ").flatMap((n) => ["floor", "ceil", "round", "trunc"].map((f) => `${f}(${n}1)`)),
        "round(i1)",
        "round(d1, 1)",
        "round(e1, 2)",
        "round(w1, 4)",
        "round(e1, 7)",
      ),
    ).toEqual([]));

  it("negation", async () => expect(await oracle.differences(..."ti si i b f r d e w".split(" ").map((n) => `-${n}1`))).toEqual([]));

  it("a branch not taken raises nothing", async () =>
    expect(await oracle.differences("CASE WHEN b1 = 0 THEN 1 WHEN b1 > 0 AND b1 < 1000 THEN b1 * 5 ELSE 0 END")).toEqual([]));

  it("a product with a decimal stays exact beyond 64 bits", async () =>
    expect(await oracle.differences("0.908 * b1", "b1 * -0.5", "1.5 * i1")).toEqual([]));
});
