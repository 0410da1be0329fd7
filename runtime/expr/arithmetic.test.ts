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
  300,
  7,
);
let oracle: ExpressionOracle;
beforeAll(async () => {
  oracle = await ExpressionOracle.open(schema, rows);
});
afterAll(() => oracle.close());

describe("numbers equal DuckDB's", () => {
  for (const name of Object.keys(types)) {
    for (const operator of ["+", "-", "*", "//", "%", "/"]) {
      const decimalQuotient = operator.startsWith("/") && "dew".includes(name);
      const integerQuotient = operator === "/" && !"fr".includes(name);
      if (name === "w" && operator === "*") continue; // more than 38 digits: DuckDB refuses to bind it
      it(`${name} ${operator} ${name}`, async () => {
        if (!decimalQuotient && !integerQuotient) await oracle.check(`${name}1 ${operator} ${name}2`);
        await oracle.check(`${name}1 ${operator} 3`);
      });
    }
    it(`comparisons of ${name}`, async () => {
      for (const operator of ["=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"]) {
        await oracle.check(`${name}1 ${operator} ${name}2`);
      }
      await oracle.check(`${name}1 BETWEEN ${name}2 AND 7`);
      await oracle.check(`${name}1 IN (1, 2, ${name}2, NULL)`);
      await oracle.check(`${name}1 NOT IN (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)`);
      await oracle.check(`CASE WHEN ${name}1 > ${name}2 THEN ${name}1 WHEN ${name}2 > 1 THEN ${name}2 ELSE 1 END`);
      await oracle.check(`coalesce(${name}1, ${name}2, 5)`);
      await oracle.check(`${name}1 IS NULL OR (${name}2 > 1 AND NOT (${name}1 = 0))`);
    });
    it(`casts of ${name}`, async () => {
      for (const type of [
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
      ]) {
        const cast = `${name}1::${type}`;
        if (!(await oracle.compiles(cast))) continue;
        await oracle.check(cast);
        await oracle.check(`TRY_CAST(${name}1 AS ${type})`);
      }
    });
    if (!["h", "ut", "ui", "ub"].includes(name)) it(`negation of ${name}`, () => oracle.check(`-${name}1`));
  }

  it("a branch not taken raises nothing", () => oracle.check("CASE WHEN b1 = 0 THEN 1 WHEN b1 > 0 AND b1 < 1000 THEN b1 * 5 ELSE 0 END"));
  it("price * 0.908 stays exact beyond 64 bits", () => oracle.check("0.908 * b1"));
  it("keeps a kernel alive after an overflow", async () => {
    await oracle.check("b1 * b2");
    expect(await oracle.compiles("b1 * b2")).toBe(true);
  });
});
