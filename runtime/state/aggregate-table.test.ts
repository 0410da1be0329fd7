import { describe, expect, test } from "vitest";
import type { AggregateCall } from "../contract/job-graph.ts";
import { batchOf, columnOf, rowsOf } from "../contract/rows.ts";
import { bigint, double, hugeint, type SqlType, varchar } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";
import { StagedColumns } from "../functions/aggregate/input.ts";
import { AggregateLayout, AggregateTable } from "./aggregate-table.ts";
import { staged } from "./group-table.ts";

const call = (name: string, argument: number | null, argumentType: SqlType, type: SqlType): AggregateCall => ({
  name,
  arguments: argument === null ? [] : [argument],
  argumentTypes: argument === null ? [] : [argumentType],
  distinct: false,
  filter: null,
  constants: [],
  type,
});

const schema = {
  columns: [
    { name: "k", type: varchar },
    { name: "v", type: bigint },
  ],
};
const calls = [
  call("count_star", null, bigint, bigint),
  call("sum", 1, bigint, hugeint),
  call("avg", 1, bigint, double),
  call("max", 1, bigint, bigint),
  call("min", 0, varchar, varchar),
  { ...call("count", 1, bigint, bigint), distinct: true },
];

const rows: Value[][] = [
  ["a", 1n],
  ["a longer key than seven bytes", 5n],
  [null, 7n],
  ["a", 2n],
  ["a", 2n],
  [null, null],
  ["", 2n ** 63n - 1n],
  ["", 2n ** 63n - 1n],
  ["a longer key than seven bytes", -(2n ** 63n)],
];

function results(table: AggregateTable): Value[][] {
  return staged(() => {
    const { rows: pointers, count } = table.allRows();
    const columns = [...table.layout.keys.decode(pointers, count), ...table.layout.aggregates.finish(pointers, count)];
    const types = [varchar, ...calls.map((c) => c.type)];
    return rowsOf({ columns: types.map((type) => ({ name: "", type })) }, { rows: count, columns, weights: null });
  });
}

function add(table: AggregateTable, input: Value[][]): void {
  staged(() => {
    const batch = batchOf(schema, input);
    const pointers = table.group([batch.columns[0] as never], batch.rows);
    table.layout.aggregates.add(pointers, new StagedColumns(batch.columns, batch.rows));
  });
}

const expected: Value[][] = [
  ["a", 3n, 5n, 5 / 3, 2n, "a", 2n],
  ["a longer key than seven bytes", 2n, 5n - 2n ** 63n, (5 - 2 ** 63) / 2, 5n, "a longer key than seven bytes", 2n],
  [null, 2n, 7n, 7, 7n, null, 1n],
  ["", 2n, 2n ** 64n - 2n, 2 ** 63, 2n ** 63n - 1n, "", 1n],
];

describe("AggregateTable", () => {
  test("groups by SQL equality and keeps exact aggregates", () => {
    const table = new AggregateTable(new AggregateLayout([varchar], calls));
    add(table, rows);
    expect(table.size).toBe(4);
    expect(results(table)).toEqual(expected);
  });

  test("gives the same for parts that are merged, by rows or by stored columns", () => {
    const layout = new AggregateLayout([varchar], calls);
    const whole = new AggregateTable(layout);
    const part = new AggregateTable(layout);
    add(whole, rows.slice(0, 4));
    add(part, rows.slice(4));
    layout.mergeInto(whole, part);
    expect(results(whole)).toEqual(expected);
    const again = new AggregateTable(new AggregateLayout([varchar], calls));
    staged(() => {
      const all = whole.allRows();
      const keys = layout.keys.decode(all.rows, all.count);
      const stored = layout.aggregates.store(all.rows, all.count);
      again.layout.aggregates.merge(again.group(keys, all.count), all.count, stored);
    });
    part.free();
    whole.free();
    expect(results(again)).toEqual(expected);
  });

  test("erased groups are gone, and their rows are used again", () => {
    const table = new AggregateTable(new AggregateLayout([varchar], calls));
    add(table, rows);
    staged(() => table.erase(table.find([columnOf(varchar, [null, "a"])], 2, { insert: false, mark: false }), 2));
    expect(results(table)).toEqual([expected[1], expected[3]]);
    add(table, [["a", 4n]]);
    expect(results(table).find(([key]) => key === "a")).toEqual(["a", 1n, 4n, 4, 4n, "a", 1n]);
  });

  test("hands out changed groups once, and says which were stored", () => {
    const table = new AggregateTable(new AggregateLayout([varchar], calls));
    add(table, rows);
    const taken = (): Value[] =>
      staged(() => {
        const into = table.allRows().rows;
        table.freeze(() => undefined);
        const count = table.takeFrozen(into, table.size);
        return rowsOf(
          { columns: [{ name: "k", type: varchar }] },
          { rows: count, columns: table.keyColumns(into, count), weights: null },
        ).flat();
      });
    expect(new Set(taken())).toEqual(new Set(["a", "a longer key than seven bytes", null, ""]));
    expect(taken()).toEqual([]);
    add(table, [
      ["a", 1n],
      ["new", 1n],
    ]);
    staged(() => {
      const all = table.allRows();
      expect(table.storedRows(all.rows, all.count, all.rows)).toBe(4);
    });
    expect(new Set(taken())).toEqual(new Set(["a", "new"]));
  });
});
