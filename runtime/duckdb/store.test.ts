import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { batchOf, rowsOf } from "../contract/rows.ts";
import { parseType } from "../contract/parse-type.ts";
import { SqlError } from "../contract/errors.ts";
import type { Schema, SqlType } from "../contract/types.ts";
import { formatType } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";
import { openLocal } from "./local.ts";
import { openStore } from "./store.ts";

const long = "a string of more than twelve bytes, with ünïcödé";
const i64_min = -(2n ** 63n);

/** Per type: values with NULL between, extremes of its layout, strings on both sides of the inline limit. */
const samples: readonly (readonly [string, readonly Value[]])[] = [
  ["BOOLEAN", [true, null, false]],
  ["TINYINT", [-128, null, 127]],
  ["SMALLINT", [-32768, null, 32767]],
  ["INTEGER", [-2147483648, null, 2147483647]],
  ["BIGINT", [i64_min, null, 2n ** 63n - 1n]],
  ["HUGEINT", [-(2n ** 127n) + 1n, null, 2n ** 127n - 1n]],
  ["UTINYINT", [0, null, 255]],
  ["USMALLINT", [0, null, 65535]],
  ["UINTEGER", [0n, null, 4294967295n]],
  ["UBIGINT", [0n, null, 2n ** 64n - 1n]],
  ["FLOAT", [-0.5, null, 1.5]],
  ["DOUBLE", [-0.1, null, Number.POSITIVE_INFINITY]],
  ["DECIMAL(4,2)", [-9999n, null, 9999n]],
  ["DECIMAL(9,0)", [-999999999n, null, 1n]],
  ["DECIMAL(18,3)", [-(10n ** 18n) + 1n, null, 10n ** 18n - 1n]],
  ["DECIMAL(38,10)", [-(10n ** 38n) + 1n, null, 10n ** 38n - 1n]],
  ["VARCHAR", ["", null, "short", "exactly12byt", "exactly13byte", long, long + long]],
  ["BLOB", [new Uint8Array([0, 255]), null, new Uint8Array(40).fill(7)]],
  ["UUID", ["00000000-0000-0000-0000-000000000000", null, "ffffffff-ffff-ffff-ffff-fffffffffffe"]],
  ["DATE", [-719162, null, 20000]],
  ["TIME", [0n, null, 86399999999n]],
  ["TIMESTAMP", [-62135596800000000n, null, 1n]],
  ["TIMESTAMP WITH TIME ZONE", [-1n, null, 1n]],
  ["INTERVAL", [{ months: -1, days: 2, micros: -3n }, null, { months: 0, days: 0, micros: 2n ** 40n }]],
  ["INTEGER[]", [[1, null, 3], null, []]],
  ["VARCHAR[][]", [[["a", long], []], null, [[null]]]],
  ["STRUCT(a INTEGER, b VARCHAR)", [[1, long], null, [null, ""]]],
  ["MAP(VARCHAR, BIGINT)", [[["k", 1n]], null, []]],
];

describe("the store", () => {
  const opened: { close(): Promise<void> | void }[] = [];
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
  });

  it.each(samples)("gives back %s as it was appended", async (name, values) => {
    const store = await openStore({ path: ":memory:" });
    opened.push(store);
    const type = parseType(name) as SqlType;
    const schema: Schema = { columns: [{ name: "v", type }] };
    const rows = values.map((v) => [v]);
    await store.transact(async (t) => {
      await t.run(`CREATE TABLE public.t (v ${formatType(type)})`);
      await t.append("public", "t", schema, [batchOf(schema, rows)]);
    });
    const result = await (await store.connect()).query("SELECT v FROM t");
    expect(result.schema).toEqual(schema);
    expect(await result.rows()).toEqual(rows);
  });

  it("rolls back a transaction whose body throws", async () => {
    const store = await openStore({ path: ":memory:" });
    opened.push(store);
    await store.transact((t) => t.run("CREATE TABLE public.t (v INTEGER)"));
    await expect(
      store.transact(async (t) => {
        await t.run("INSERT INTO t VALUES (1)");
        throw new Error("no");
      }),
    ).rejects.toThrow("no");
    expect(await (await (await store.connect()).query("SELECT count(*) FROM t")).rows()).toEqual([[0n]]);
  });

  it("keeps an unread result when the next statement runs on the connection", async () => {
    const store = await openStore({ path: ":memory:" });
    opened.push(store);
    const connection = await store.connect();
    const first = await connection.query("SELECT range FROM range(5000)");
    await first.next();
    await connection.run("SELECT 1");
    expect((await first.rows()).length).toBe(5000 - 2048);
  });

  it("reports SQLSTATE and position, and cancels with 57014", async () => {
    const store = await openStore({ path: ":memory:" });
    opened.push(store);
    const connection = await store.connect();
    const error = await connection.query("SELECT ünknown FROM (SELECT 1 AS x)").catch((e: unknown) => e);
    expect(error).toBeInstanceOf(SqlError);
    expect(error).toMatchObject({ sqlState: "42703", at: 7 });
    const slow = connection.run("SELECT count(*) FROM range(100000) a, range(100000) b");
    setTimeout(() => connection.interrupt(), 50);
    await expect(slow).rejects.toMatchObject({ sqlState: "57014" });
  });

  it("refuses a second owner in this process and survives reopening", async () => {
    const directory = mkdtempSync(join(tmpdir(), "millrace-store-"));
    const path = join(directory, "store.duckdb");
    const store = await openStore({ path });
    await store.transact((t) => t.run("CREATE TABLE public.t AS SELECT 42 AS v"));
    await expect(openStore({ path })).rejects.toThrow("opened once");
    await store.close();
    const again = await openStore({ path });
    expect(await (await (await again.connect()).query("SELECT v FROM t")).rows()).toEqual([[42]]);
    await again.close();
    rmSync(directory, { recursive: true });
  });
});

describe("a slot's own DuckDB", () => {
  it("streams Parquet in batches and evaluates an expression over a batch in row order", async () => {
    const local = await openLocal();
    const flights = "node_modules/vega-datasets/data/flights-3m.parquet";
    const result = await local.stream(`SELECT date, delay, origin FROM read_parquet('${flights}') LIMIT 3000`);
    const first = await result.next();
    expect(first === null ? null : rowsOf(result.schema, first)[0]).toEqual([978307260000000n, 33n, "LAS"]);
    result.close();
    const schema: Schema = { columns: [{ name: "c0", type: { id: "varchar" } }] };
    const out = await local.evaluate(
      "SELECT reverse(c0) FROM input ORDER BY input_row",
      schema,
      batchOf(schema, [["ab"], [null], ["xyz"]]),
    );
    expect(out.batches.flatMap((b) => rowsOf(out.schema, b))).toEqual([["ba"], [null], ["zyx"]]);
    await local.close();
  });
});
