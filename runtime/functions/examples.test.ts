import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ExpressionOracle } from "../../sql-tests/runner/expression-oracle.ts";
import { openLocal, type LocalDuckdb } from "../duckdb/local.ts";
import { lowerBytes } from "./scalar/text-case.ts";
import { ByteHeap } from "./scalar/byte-heap.ts";
import { textOf } from "./scalar/bytes.ts";
import { scalarFunctions } from "./registry.ts";

let duckdb: LocalDuckdb;
beforeAll(async () => {
  duckdb = await openLocal();
});
afterAll(() => duckdb.close());

describe("the examples of functions", () => {
  it.each(scalarFunctions.flatMap((f) => f.examples))("%s", async (sql, result) => {
    const [row] = await (await duckdb.stream(`SELECT CAST(${sql} AS VARCHAR)`)).rows();
    expect(row?.[0]).toBe(result);
  });

  it("stand beside every function, with a doc", () =>
    expect(scalarFunctions.filter((f) => f.examples.length === 0 || f.doc === "" || !f.doc.endsWith(".")).map((f) => f.names[0])).toEqual(
      [],
    ));
});

describe("case of every code point", () => {
  it.each(["lower", "upper"])("%s equals DuckDB's", async (name) => {
    const codes = "range(1, 1114112) t(i) WHERE i NOT BETWEEN 55296 AND 57343";
    const [row] = await (
      await duckdb.stream(
        `SELECT string_agg(chr(i::INTEGER), '' ORDER BY i), string_agg(${name}(chr(i::INTEGER)), '' ORDER BY i) FROM ${codes}`,
      )
    ).rows();
    const [all, expected] = row as [string, string];
    const oracle = await ExpressionOracle.open({ columns: [{ name: "s", type: { id: "varchar" } }] }, [[all]]);
    expect(await oracle.differences(`${name}(s)`)).toEqual([]);
    await oracle.close();
    expect(expected.length).toBeGreaterThan(1_000_000);
  });

  it("grows the heap while it writes", () => {
    const heap = new ByteHeap();
    const bytes = new TextEncoder().encode("ABC".repeat(10_000));
    const start = lowerBytes(heap, bytes, 0, bytes.length);
    expect(textOf(heap.bytes, start, heap.at)).toBe("abc".repeat(10_000));
  });
});
