import { describe, expect, it } from "vitest";
import { SqlError } from "../../runtime/contract/errors.ts";
import { castParameters, storeValue } from "./parameters.ts";

describe("castParameters", () => {
  it("casts parameters of a known type and nothing that only looks like one", () => {
    const sql = `SELECT $1, '$1', "$1", E'\\'$1', $$ $1 $$, $t$ $1 $t$, a$1 -- $1\n, /* $1 */ $2, $10`;
    const cast = `SELECT CAST($1 AS DATE), '$1', "$1", E'\\'$1', $$ $1 $$, $t$ $1 $t$, a$1 -- $1\n, /* $1 */ $2, $10`;
    expect(castParameters(sql, [{ id: "date" }, null]).sql).toBe(cast);
  });

  it("casts those without a type to the one given", () => {
    expect(castParameters("$1 + $2", [null], { id: "varchar" }).sql).toBe("CAST($1 AS VARCHAR) + CAST($2 AS VARCHAR)");
  });

  it.each([
    ["before", 7, 7],
    ["at the parameter", 17, 17],
    ["inside the cast", 25, 17],
    ["behind", 41, 27],
  ])("moves a position %s back", (_, at, expected) => {
    const cast = castParameters("SELECT nowhere + $1, other, more", [{ id: "date" }]);
    expect(cast.sql).toBe("SELECT nowhere + CAST($1 AS DATE), other, more");
    const failure = (): never => cast.rethrow(new SqlError({ sqlState: "42703", message: "no", at }));
    expect(failure).toThrow(expect.objectContaining({ at: expected }));
  });
});

describe("storeValue", () => {
  it.each([
    [{ id: "date" } as const, -735_160, "0044-03-15 (BC)"],
    [{ id: "timestamp" } as const, 2_820_000_000n, "1970-01-01 00:47:00"],
    [{ id: "decimal", width: 38, scale: 2 } as const, -5n, "-0.05"],
    [{ id: "double" } as const, -0, "-0"],
    [{ id: "bigint" } as const, 7n, 7n],
    [{ id: "list", element: { id: "integer" } } as const, [1, null], "[1,NULL]"],
    [null, "x", "x"],
  ])("%j", (type, value, expected) => expect(storeValue({ type, value })).toBe(expected));
});
