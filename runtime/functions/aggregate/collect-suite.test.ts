/** Aggregates over all their rows, and exact ones over doubles, against DuckDB's: examples, and random rows, in parts and taken back. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Batch, Column } from "../../contract/batch.ts";
import type { Expression } from "../../contract/expressions.ts";
import type { AggregateCall, SortOrder } from "../../contract/job-graph.ts";
import { parseType } from "../../contract/parse-type.ts";
import { batchOf, rowsOf } from "../../contract/rows.ts";
import { bigint, boolean, type Field, formatType, integer, type Schema, type SqlType, varchar } from "../../contract/types.ts";
import type { Value } from "../../contract/value.ts";
import { type LocalDuckdb, openLocal } from "../../duckdb/local.ts";
import { AggregateLayout, AggregateTable } from "../../state/aggregate-table.ts";
import { staged } from "../../state/group-table.ts";
import { collectors } from "./collect-registry.ts";
import { StagedColumns } from "./input.ts";
import { accumulatorSchema, aggregates, retractableForm } from "./registry.ts";

let duckdb: LocalDuckdb;
beforeAll(async () => {
  duckdb = await openLocal();
});
afterAll(() => duckdb.close());

async function query(sql: string): Promise<{ readonly schema: Schema; readonly rows: Value[][] }> {
  const result = await duckdb.stream(sql);
  return { schema: result.schema, rows: await result.rows() };
}

/** Groups by the first column. */
class Run {
  readonly call: AggregateCall;
  readonly table: AggregateTable;

  constructor(call: AggregateCall) {
    this.call = call;
    this.table = new AggregateTable(new AggregateLayout([integer], [call]));
  }

  add(batch: Batch): this {
    staged(() => {
      const rows = this.table.group([batch.columns[0] as Column], batch.rows);
      this.table.layout.aggregates.add(rows, new StagedColumns(batch.columns, batch.rows, batch.weights));
    });
    return this;
  }

  /** As a checkpoint holds it. */
  stored(): Batch {
    const schema: Schema = { columns: [{ name: "k", type: integer }, ...accumulatorSchema([this.call])] };
    return staged(() => {
      const { rows, count } = this.table.allRows();
      const columns = [...this.table.keyColumns(rows, count), ...this.table.layout.aggregates.store(rows, count)];
      return batchOf(schema, rowsOf(schema, { rows: count, columns, weights: null }));
    });
  }

  merge(stored: Batch): this {
    staged(() => {
      const rows = this.table.group([stored.columns[0] as Column], stored.rows);
      this.table.layout.aggregates.merge(rows, stored.rows, stored.columns.slice(1));
    });
    return this;
  }

  results(): readonly (readonly Value[])[] {
    const schema: Schema = {
      columns: [
        { name: "k", type: integer },
        { name: "v", type: this.call.type },
      ],
    };
    return staged(() => {
      const { rows, count } = this.table.allRows();
      const columns = [...this.table.keyColumns(rows, count), ...this.table.layout.aggregates.finish(rows, count)];
      return sorted(rowsOf(schema, { rows: count, columns, weights: null }));
    });
  }
}

/** By group; sums of doubles differ in their last digits. */
const sorted = (rows: readonly (readonly Value[])[]): readonly (readonly Value[])[] =>
  [...rows].sort((a, b) => Number(a[0]) - Number(b[0])).map((row) => row.map(rounded));

const rounded = (value: Value): Value => {
  if (typeof value === "number") return Number(value.toPrecision(10));
  return Array.isArray(value) ? value.map(rounded) : value;
};

const call = (name: string, types: readonly SqlType[], type: SqlType, more: Partial<AggregateCall> = {}): AggregateCall => ({
  name,
  arguments: types.map((_, i) => i + 1),
  argumentTypes: types,
  distinct: false,
  filter: null,
  constants: [],
  type,
  collect: { orders: [] },
  ...more,
});

describe("examples", () => {
  it.each(collectors.map((c) => [c.name, c] as const))("%s", async (name, { example: { sql } }) => {
    const [, first, rest = "", from] = /^SELECT \w+\((.*?)((?:, \d[\d.]*)?(?: ORDER BY x)?)\) (FROM .*)$/.exec(sql) as unknown as string[];
    const expected = await query(sql);
    const source = await query(`SELECT 0 AS k, ${first} ${from}`);
    const types = source.schema.columns.slice(1).map((c) => c.type);
    const constants: Expression[] = [...rest.matchAll(/, ([\d.]+)/g)].map(
      ([, n]): Expression =>
        n?.includes(".") === true
          ? { kind: "literal", value: Number(n), type: { id: "double" } }
          : { kind: "literal", value: BigInt(n as string), type: bigint },
    );
    const median: Expression = { kind: "literal", value: 0.5, type: { id: "double" } };
    const run = new Run(
      call(name, types, (expected.schema.columns[0] as Field).type, { constants: name === "median" ? [median] : constants }),
    );
    expect(run.add(batchOf(source.schema, source.rows)).results()).toEqual(sorted([[0, ...(expected.rows[0] ?? [])]]));
  });
});

const typeOf = (name: string): SqlType => parseType(name) as SqlType;
const share = (value: bigint): Expression => ({ kind: "literal", value, type: { id: "decimal", width: 3, scale: 2 } });
const text = (value: string): Expression => ({ kind: "literal", value, type: varchar });
const yes: Expression = { kind: "literal", value: true, type: boolean };

interface Case {
  /** Over x, y and n (no two n are alike). */
  readonly sql: string;
  readonly name: string;
  readonly arguments: readonly string[];
  readonly constants?: readonly Expression[];
  readonly orders?: readonly SortOrder[];
  readonly distinct?: boolean;
}

const ascending: SortOrder = { descending: false, nullsFirst: false };
const columnTypes: Readonly<Record<string, SqlType>> = {
  n: bigint,
  t: varchar,
  i: bigint,
  d: typeOf("DECIMAL(9,2)"),
  f: typeOf("DOUBLE"),
  g: typeOf("DOUBLE"),
  s: typeOf("TIMESTAMP"),
  e: typeOf("DATE"),
};

const cases: readonly Case[] = [
  { sql: "string_agg(t, '; ' ORDER BY n)", name: "string_agg", arguments: ["t", "n"], constants: [text("; ")], orders: [ascending] },
  {
    sql: "string_agg(t, ',' ORDER BY i DESC NULLS FIRST, n)",
    name: "string_agg",
    arguments: ["t", "i", "n"],
    constants: [text(",")],
    orders: [{ descending: true, nullsFirst: true }, ascending],
  },
  {
    sql: "string_agg(DISTINCT t, ',' ORDER BY t)",
    name: "string_agg",
    arguments: ["t", "t"],
    constants: [text(",")],
    orders: [ascending],
    distinct: true,
  },
  { sql: "list(i ORDER BY i DESC NULLS LAST)", name: "list", arguments: ["i", "i"], orders: [{ descending: true, nullsFirst: false }] },
  { sql: "list(f ORDER BY n)", name: "list", arguments: ["f", "n"], orders: [ascending] },
  { sql: "first(t ORDER BY n)", name: "first", arguments: ["t", "n"], orders: [ascending] },
  { sql: "any_value(t ORDER BY n)", name: "any_value", arguments: ["t", "n"], orders: [ascending] },
  { sql: "median(i)", name: "median", arguments: ["i"], constants: [share(50n)] },
  { sql: "median(d)", name: "median", arguments: ["d"], constants: [share(50n)] },
  { sql: "median(t)", name: "median", arguments: ["t"], constants: [share(50n)] },
  { sql: "median(s)", name: "median", arguments: ["s"], constants: [share(50n)] },
  { sql: "quantile_cont(f, 0.35)", name: "quantile_cont", arguments: ["f"], constants: [share(35n)] },
  { sql: "quantile_cont(e, 0.35)", name: "quantile_cont", arguments: ["e"], constants: [share(35n)] },
  { sql: "quantile_cont(i, [0.1, 0.8])", name: "quantile_cont", arguments: ["i"], constants: [share(10n), share(80n)] },
  { sql: "quantile_cont(i, 0.3 ORDER BY i DESC)", name: "quantile_cont", arguments: ["i"], constants: [share(30n), yes] },
  { sql: "quantile_disc(i, 0.25)", name: "quantile_disc", arguments: ["i"], constants: [share(25n)] },
  { sql: "quantile_disc(t, [0.0, 1.0])", name: "quantile_disc", arguments: ["t"], constants: [share(0n), share(100n)] },
  { sql: "quantile_disc(d, 0.7 ORDER BY d DESC)", name: "quantile_disc", arguments: ["d"], constants: [share(70n), yes] },
  { sql: "mode(t ORDER BY t)", name: "mode", arguments: ["t"] },
  { sql: "histogram(i)", name: "histogram", arguments: ["i"] },
  { sql: "entropy(t)", name: "entropy", arguments: ["t"] },
  { sql: "skewness(f)", name: "skewness", arguments: ["f"] },
  { sql: "kurtosis(f)", name: "kurtosis", arguments: ["f"] },
  { sql: "mad(f)", name: "mad", arguments: ["f"] },
  { sql: "sem(f)", name: "sem", arguments: ["f"] },
  { sql: "max(i, 3)", name: "max", arguments: ["i"], constants: [{ kind: "literal", value: 3n, type: bigint }] },
  { sql: "arg_min(t, n, 3)", name: "arg_min", arguments: ["t", "n"], constants: [{ kind: "literal", value: 3n, type: bigint }] },
  { sql: "arg_max(t, n)", name: "arg_max", arguments: ["t", "n"] },
  { sql: "arg_max_null(t, n)", name: "arg_max_null", arguments: ["t", "n"] },
];

const exactCases = [
  ["sum", ["f"]],
  ["avg", ["f"]],
  ["stddev_samp", ["f"]],
  ["stddev_pop", ["f"]],
  ["var_samp", ["f"]],
  ["var_pop", ["f"]],
  ...aggregates.filter((a) => /^(regr_|covar_|corr)/.test(a.name)).map((a) => [a.name, ["f", "g"]] as const),
] as const;

/** The same rows in every run. */
function rowsOfTest(count: number, seed: number): Value[][] {
  let state = seed;
  const below = (n: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * n);
  };
  const maybe = (value: Value): Value => (below(5) === 0 ? null : value);
  const texts = ["", "a", "b", "a somewhat longer text", "ü", "z\u{1f600}", "z\uffee"];
  return Array.from({ length: count }, (_, n) => [
    below(6),
    BigInt(n + seed * 1_000),
    maybe(texts[below(texts.length)] as string),
    maybe(BigInt(below(9) - 4)),
    maybe(BigInt(below(2_000) - 1_000)),
    maybe((below(2_000) - 1_000) / 8),
    maybe(below(50) / 10),
    maybe(BigInt(below(1_000)) * 86_400_000_001n),
    maybe(below(900) - 450),
  ]);
}

const names = ["n", "t", "i", "d", "f", "g", "s", "e"] as const;
const schema: Schema = { columns: [{ name: "k", type: integer }, ...names.map((name) => ({ name, type: columnTypes[name] as SqlType }))] };
const place = (name: string): number => 1 + names.indexOf(name as (typeof names)[number]);

async function oracle(
  sql: string,
  rows: readonly Value[][],
): Promise<{ readonly type: SqlType; readonly rows: readonly (readonly Value[])[] }> {
  await duckdb.run(`CREATE OR REPLACE TABLE rows (${schema.columns.map((c) => `${c.name} ${formatType(c.type)}`).join(", ")})`);
  await duckdb.append("rows", [batchOf(schema, rows)]);
  const result = await query(`SELECT k, ${sql} AS v FROM rows GROUP BY k`);
  return { type: (result.schema.columns[1] as Field).type, rows: sorted(result.rows) };
}

type Rows = readonly (readonly Value[])[];

/** The results over all rows, over two merged parts, and after other rows came and went; and DuckDB's. */
async function outcomes(
  make: (type: SqlType) => AggregateCall,
  sql: string,
): Promise<{ readonly own: readonly Rows[]; readonly duckdbs: Rows }> {
  const rows = rowsOfTest(70, 3);
  const expected = await oracle(sql, rows);
  const aggregate = make(expected.type);
  const run = (): Run => new Run(aggregate);
  const whole = run().add(batchOf(schema, rows));
  const [a, b] = [rows.slice(0, 25), rows.slice(25)].map((part) => run().add(batchOf(schema, part)).stored()) as [Batch, Batch];
  const extra = rowsOfTest(40, 8).map((row) => [rows[0]?.[0] ?? null, ...row.slice(1)]);
  const changed = run().add(batchOf(schema, [...extra, ...rows]));
  changed.results();
  changed.add(
    batchOf(
      schema,
      extra,
      extra.map(() => -1),
    ),
  );
  return { own: [whole, run().merge(b).merge(a), changed].map((r) => r.results()), duckdbs: expected.rows };
}

describe("over all rows", () => {
  it.each(cases.map((c) => [c.sql, c] as const))("%s equals DuckDB's: whole, in parts, after rows were taken back", async (sql, c) => {
    const argumentTypes = c.arguments.map((name) => columnTypes[name] as SqlType);
    const { constants = [], orders = [], distinct = false } = c;
    const { own, duckdbs } = await outcomes(
      (type) => call(c.name, argumentTypes, type, { arguments: c.arguments.map(place), constants, distinct, collect: { orders } }),
      sql,
    );
    expect(own).toEqual([duckdbs, duckdbs, duckdbs]);
  });
});

describe("exactly", () => {
  it.each(exactCases)("%s(%s) equals DuckDB's: whole, in parts, after rows were taken back", async (name, columns) => {
    const argumentTypes = columns.map((c) => columnTypes[c] as SqlType);
    const { collect: _, ...plain } = call(name, argumentTypes, bigint, { arguments: columns.map(place) });
    const sql = `${name}(${columns.join(", ")})`;
    const { own, duckdbs } = await outcomes((type) => retractableForm({ ...plain, type }) as AggregateCall, sql);
    expect(own).toEqual([duckdbs, duckdbs, duckdbs]);
  });

  it("leaves nothing of a huge value that is taken back, and knows infinities", () => {
    const double = typeOf("DOUBLE");
    const { collect: _, ...plain } = call("sum", [double], double);
    const run = new Run(retractableForm(plain) as AggregateCall);
    const input: Schema = {
      columns: [
        { name: "k", type: integer },
        { name: "x", type: double },
      ],
    };
    const change = (values: readonly number[], weight: number): void =>
      void run.add(
        batchOf(
          input,
          values.map((x) => [1, x]),
          values.map(() => weight),
        ),
      );
    change([1e300, 0.1, 0.2, -1e300, Infinity, 5e-324], 1);
    expect(run.results()).toEqual([[1, Infinity]]);
    change([Infinity, 1e300, -1e300, 5e-324], -1);
    expect(run.results()).toEqual([[1, Number((0.1 + 0.2).toPrecision(10))]]);
    change([0.2, 0.1], -1);
    expect(run.results()).toEqual([[1, null]]);
  });
});
