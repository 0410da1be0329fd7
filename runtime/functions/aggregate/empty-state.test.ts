import { describe, expect, it } from "vitest";
import { columnOf, valueAt } from "../../contract/rows.ts";
import { bigint, boolean, double, integer, type SqlType, varchar } from "../../contract/types.ts";
import { AggregateLayout, AggregateTable } from "../../state/aggregate-table.ts";
import { staged } from "../../state/group-table.ts";
import { emptyAccumulator } from "./empty-state.ts";
import { accumulatorFields, aggregates } from "./registry.ts";

const argumentLists: readonly (readonly SqlType[])[] = [
  [],
  ...[bigint, integer, double, boolean, varchar].map((type) => [type]),
  [double, double],
  [varchar, bigint],
];
const cases = aggregates.flatMap((definition) =>
  argumentLists
    .filter((types) => definition.accepts(types))
    .flatMap((types) => [false, true].map((distinct) => ({ definition, types, distinct }))),
);

describe("what an accumulator without rows holds", () => {
  it.each(cases)("$definition.name($types) distinct=$distinct", ({ definition, types, distinct }) => {
    const call = {
      name: definition.name,
      arguments: types.map((_, i) => i),
      argumentTypes: types,
      distinct,
      filter: null,
      constants: [],
      type: types[0] ?? bigint,
    };
    const layout = new AggregateLayout([integer], [call]);
    const table = new AggregateTable(layout);
    staged(() => {
      const stored = layout.aggregates.store(table.group([columnOf(integer, [1])], 1), 1);
      const values = accumulatorFields(call).map((field, i) => valueAt(field.type, stored[i] as never, 0));
      expect(values).toEqual(accumulatorFields(call).map(emptyAccumulator));
    });
    table.free();
    layout.free();
  });
});
