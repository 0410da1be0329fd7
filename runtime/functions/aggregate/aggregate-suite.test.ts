/** Every aggregate against DuckDB's: its example, and random rows with NULLs and extremes, whole, split and merged, added and taken back. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Batch, Column } from "../../contract/batch.ts";
import type { AggregateCall } from "../../contract/job-graph.ts";
import { batchOf, rowsOf } from "../../contract/rows.ts";
import { parseType } from "../../contract/parse-type.ts";
import { type Field, formatType, physicalOf, type Schema, type SqlType } from "../../contract/types.ts";
import type { Value } from "../../contract/value.ts";
import { type LocalDuckdb, openLocal } from "../../duckdb/local.ts";
import { AggregateLayout, AggregateTable } from "../../state/aggregate-table.ts";
import { staged } from "../../state/group-table.ts";
import { StagedColumns } from "./input.ts";
import { accumulatorSchema, aggregates, findAggregate } from "./registry.ts";

let duckdb: LocalDuckdb;
beforeAll(async () => {
  duckdb = await openLocal();
});
afterAll(() => duckdb.close());

async function query(sql: string): Promise<{ readonly schema: Schema; readonly rows: Value[][] }> {
  const result = await duckdb.stream(sql);
  return { schema: result.schema, rows: await result.rows() };
}

const typeOf = (name: string): SqlType => {
  const type = parseType(name);
  if (type === null) throw new Error(`no type ${name}`);
  return type;
};

/** Columns: group key, FILTER, then the arguments. */
function callOf(name: string, argumentTypes: readonly SqlType[], type: SqlType, distinct = false, filter = false): AggregateCall {
  return { name, arguments: argumentTypes.map((_, i) => 2 + i), argumentTypes, distinct, filter: filter ? 1 : null, constants: [], type };
}

class Run {
  readonly table: AggregateTable;
  constructor(call: AggregateCall) {
    this.table = new AggregateTable(new AggregateLayout([typeOf("INTEGER")], [call]));
  }

  add(batch: Batch): this {
    staged(() => {
      const rows = this.table.group([batch.columns[0] as Column], batch.rows);
      this.table.layout.aggregates.add(rows, new StagedColumns(batch.columns, batch.rows, batch.weights));
    });
    return this;
  }

  /** Takes over another run through its accumulator columns, as values: what an exchange or a checkpoint does. */
  mergeStored(other: Run, call: AggregateCall): this {
    const columns: Field[] = [{ name: "k", type: typeOf("INTEGER") }, ...accumulatorSchema([call])];
    staged(() => {
      const all = other.table.allRows();
      const stored = [...other.table.keyColumns(all.rows, all.count), ...other.table.layout.aggregates.store(all.rows, all.count)];
      const batch = batchOf({ columns }, rowsOf({ columns }, { rows: all.count, columns: stored, weights: null }));
      const rows = this.table.group([batch.columns[0] as Column], batch.rows);
      this.table.layout.aggregates.merge(rows, batch.rows, batch.columns.slice(1));
    });
    return this;
  }

  results(call: AggregateCall): Map<number, Value> {
    return staged(() => {
      const all = this.table.allRows();
      const columns = [...this.table.keyColumns(all.rows, all.count), ...this.table.layout.aggregates.finish(all.rows, all.count)];
      const fields = [
        { name: "k", type: typeOf("INTEGER") },
        { name: "v", type: call.type },
      ];
      const rows = rowsOf({ columns: fields }, { rows: all.count, columns, weights: null });
      return new Map(rows.map(([k, v]) => [k as number, v as Value]));
    });
  }
}

describe("examples", () => {
  test.each(aggregates.map((definition) => [definition.name, definition] as const))("%s", async (name, definition) => {
    const [, args, from] = /^SELECT \w+\((.*?)\) (FROM .*)$/.exec(definition.example.sql) as unknown as [string, string, string];
    const expected = await query(definition.example.sql);
    const source = await query(`SELECT 0 AS k, true AS f${args === "*" ? "" : `, ${args}`} ${from}`);
    const types = source.schema.columns.slice(2).map((c) => c.type);
    const type = (expected.schema.columns[0] as Field).type;
    const call = callOf(name, types, type);
    expect(findAggregate(name, types)).toBe(definition);
    expect([...new Run(call).add(batchOf(source.schema, source.rows)).results(call).values()]).toEqual(expected.rows[0]);
  });
});

const i64_max = 2n ** 63n - 1n;
const long = "a string of more than seven bytes";
const samples: Readonly<Record<string, readonly Value[]>> = {
  BOOLEAN: [true, false],
  SMALLINT: [-32768, 32767, 0, 5],
  INTEGER: [-2147483648, 2147483647, 0, 7],
  DATE: [-719162, 20000, 0],
  BIGINT: [-(2n ** 63n), i64_max, i64_max - 1n, 0n, 3n],
  HUGEINT: [-(2n ** 100n), 2n ** 100n, 1n, -1n, 2n ** 64n],
  "DECIMAL(9,2)": [-999999999n, 999999999n, 1n],
  "DECIMAL(38,3)": [-(10n ** 30n), 10n ** 30n, 5n],
  TIMESTAMP: [-62135596800000000n, 1n, 1_600_000_000_000_001n],
  TIME: [0n, 86399999999n, 5n],
  DOUBLE: [-0.5, 1.5, 1e4, 3],
  VARCHAR: ["", "a", "b", "exactly", `${long} 1`, `${long} 2`, long, "ü", "z\u{1f600}", "z\uffee"],
  INTERVAL: [
    { months: 1, days: 0, micros: 0n },
    { months: 0, days: 1, micros: 7n },
  ],
  "INTEGER[]": [[1, null], [], [2]],
};

/** name, argument types; `ordered`: the result depends on the order of arrival. */
const cases: readonly (readonly [string, readonly string[]])[] = [
  ["count", ["VARCHAR"]],
  ["count_if", ["BOOLEAN"]],
  ...["BOOLEAN", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DECIMAL(9,2)", "DECIMAL(38,3)", "DOUBLE"].map((t) => ["sum", [t]] as const),
  ...["SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DECIMAL(9,2)", "DOUBLE", "TIMESTAMP", "DATE", "TIME"].map((t) => ["avg", [t]] as const),
  ...Object.keys(samples)
    .filter((t) => t !== "INTERVAL" && t !== "INTEGER[]")
    .flatMap((t) => [["min", [t]] as const, ["max", [t]] as const]),
  ["bool_and", ["BOOLEAN"]],
  ["bool_or", ["BOOLEAN"]],
  ["stddev_samp", ["DOUBLE"]],
  ["stddev_pop", ["DOUBLE"]],
  ["var_samp", ["DOUBLE"]],
  ["var_pop", ["DOUBLE"]],
  ...Object.keys(samples).flatMap((t) => [["first", [t]] as const, ["last", [t]] as const, ["any_value", [t]] as const]),
  ["arg_min", ["VARCHAR", "BIGINT"]],
  ["arg_max", ["BIGINT", "VARCHAR"]],
  ["arg_max", ["INTEGER[]", "HUGEINT"]],
  ["arg_min_null", ["VARCHAR", "DOUBLE"]],
  ["arg_max_null", ["DOUBLE", "TIMESTAMP"]],
  ["string_agg", ["VARCHAR"]],
  ["list", ["BIGINT"]],
  ["list", ["VARCHAR"]],
  ["bit_and", ["SMALLINT"]],
  ["bit_or", ["BIGINT"]],
  ["bit_xor", ["HUGEINT"]],
  ["product", ["DOUBLE"]],
];

const seedOf = (text: string): number => Buffer.from(text).reduce((h, byte) => Math.imul(h, 31) + byte, 7);

/** Reproducible numbers below `n`. */
function randomNumbers(seed: number): (n: number) => number {
  let s = seed | 1;
  return (n) => {
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    return (s >>> 0) % n;
  };
}

function randomRows(types: readonly string[], count: number, seed: number): Value[][] {
  const below = randomNumbers(seed);
  const pick = (name: string): Value => {
    const values = samples[name] as readonly Value[];
    return below(4) === 0 ? null : (values[below(values.length)] as Value);
  };
  return Array.from({ length: count }, () => [below(7), below(3) === 0 ? null : below(2) === 0, ...types.map(pick)]);
}

const near = (type: SqlType, values: Map<number, Value>): Map<number, Value> =>
  new Map([...values].map(([k, v]) => [k, physicalOf(type) === "f64" && typeof v === "number" ? Number(v.toPrecision(11)) : v]));

async function oracle(name: string, types: readonly string[], rows: Value[][], distinct: boolean, filter: boolean) {
  const columns: Field[] = [
    { name: "k", type: typeOf("INTEGER") },
    { name: "f", type: typeOf("BOOLEAN") },
    ...types.map((t, i) => ({ name: `x${i}`, type: typeOf(t) })),
    { name: "n", type: typeOf("INTEGER") },
  ];
  await duckdb.run(`CREATE OR REPLACE TABLE rows (${columns.map((c) => `${c.name} ${formatType(c.type)}`).join(", ")})`);
  const numbered = rows.map((row, i) => [...row, i]);
  await duckdb.append("rows", [batchOf({ columns }, numbered)]);
  const args = types.map((_, i) => `x${i}`).join(", ");
  const call = `${name}(${distinct ? "DISTINCT " : ""}${args}${distinct ? "" : " ORDER BY n"})${filter ? " FILTER (WHERE f)" : ""}`;
  const { schema, rows: results } = await query(`SELECT k, ${call} AS v FROM rows GROUP BY k`);
  return {
    input: { columns: columns.slice(0, -1) } as Schema,
    type: (schema.columns[1] as Field).type,
    expected: new Map(results.map(([k, v]) => [k as number, v as Value])),
  };
}

describe.each(cases)("%s(%s)", (name, types) => {
  const seed = seedOf(`${name} ${types.join()}`);
  // Few enough rows for floats to be added exactly enough; some groups are small or empty of values.
  const rows = randomRows(types, 60, seed);

  test.each([false, true])("equals DuckDB's, whole and in parts (FILTER: %s)", async (filter) => {
    const { input, type, expected } = await oracle(name, types, rows, false, filter);
    const call = callOf(name, types.map(typeOf), type, false, filter);
    const whole = new Run(call).add(batchOf(input, rows));
    expect(near(type, whole.results(call))).toEqual(near(type, expected));

    const [a, b] = [rows.slice(0, 25), rows.slice(25)].map((part) => new Run(call).add(batchOf(input, part))) as [Run, Run];
    const stored = new Run(call).mergeStored(a, call).mergeStored(b, call);
    expect(near(type, stored.results(call))).toEqual(near(type, expected));
    expect(near(type, a.results(call))).not.toEqual(new Map());
    a.table.layout.mergeInto(a.table, new Run(call).table);
    for (const part of [rows.slice(25, 40), rows.slice(40)]) {
      const other = new AggregateTable(a.table.layout);
      staged(() => {
        const batch = batchOf(input, part);
        const pointers = other.group([batch.columns[0] as Column], batch.rows);
        other.layout.aggregates.add(pointers, new StagedColumns(batch.columns, batch.rows));
      });
      a.table.layout.mergeInto(a.table, other);
      other.free();
    }
    expect(near(type, a.results(call))).toEqual(near(type, expected));
  });
});

const retractableCases = cases.filter(([name, types]) => {
  const argumentTypes = types.map(typeOf);
  return findAggregate(name, argumentTypes)?.retractable(callOf(name, argumentTypes, typeOf("BIGINT"))) === true;
});

/** Steps back of Welford's method lose more digits than the ones forward. */
const rounded = (values: Map<number, Value>): Map<number, Value> =>
  new Map([...values].map(([k, v]) => [k, typeof v === "number" ? Math.round(v * 100) / 100 : v]));

test.each(retractableCases)("%s(%s): rows that are taken back leave no trace", async (name, types) => {
  const seed = seedOf(name);
  const rows = randomRows(types, 60, seed);
  const { input, type, expected } = await oracle(name, types, rows, false, false);
  const call = callOf(name, types.map(typeOf), type);
  const extra = randomRows(types, 50, seed + 1).map((row) => [rows[0]?.[0] as Value, ...row.slice(1)]);
  const weights = extra.map(() => -1);
  const run = new Run(call).add(batchOf(input, [...extra, ...rows])).add(batchOf(input, extra, weights));
  expect(rounded(run.results(call))).toEqual(rounded(expected));
});

const distinctCases: readonly (readonly [string, readonly string[]])[] = [
  ["count", ["VARCHAR"]],
  ["count", ["BIGINT"]],
  ["count", ["DOUBLE"]],
  ["count", ["INTEGER[]"]],
  ["sum", ["BIGINT"]],
  ["sum", ["HUGEINT"]],
  ["avg", ["INTEGER"]],
  ["min", ["VARCHAR"]],
  ["max", ["DOUBLE"]],
  ["bool_or", ["BOOLEAN"]],
];

describe.each(distinctCases)("%s(DISTINCT %s)", (name, types) => {
  const rows = randomRows(types, 60, 99);

  test.each([false, true])("equals DuckDB's, whole, in parts, and after retractions (FILTER: %s)", async (filter) => {
    const { input, type, expected } = await oracle(name, types, rows, true, filter);
    const call = callOf(name, types.map(typeOf), type, true, filter);
    const whole = new Run(call).add(batchOf(input, rows));
    expect(near(type, whole.results(call))).toEqual(near(type, expected));
    const [a, b] = [rows.slice(0, 25), rows.slice(25)].map((part) => new Run(call).add(batchOf(input, part))) as [Run, Run];
    expect(near(type, new Run(call).mergeStored(a, call).mergeStored(b, call).results(call))).toEqual(near(type, expected));
    const extra = randomRows(types, 50, 123).map((row) => [rows[0]?.[0] as Value, ...row.slice(1)]);
    const weights = extra.map(() => -1);
    const run = new Run(call)
      .add(batchOf(input, extra))
      .add(batchOf(input, rows))
      .add(batchOf(input, extra, weights));
    expect(near(type, run.results(call))).toEqual(near(type, expected));
  });
});
