import { describe, expect, it } from "vitest";
import { linesOf, OperatorHarness } from "../../sql-tests/runner/operator-harness.ts";
import type { Expression } from "../contract/expressions.ts";
import { bigint, boolean, type Schema, varchar } from "../contract/types.ts";
import { calc } from "./calc.ts";

const schema: Schema = {
  columns: [
    { name: "v", type: bigint },
    { name: "s", type: varchar },
  ],
};
const v: Expression = { kind: "column", index: 0, type: bigint };
const s: Expression = { kind: "column", index: 1, type: varchar };
const number = (value: bigint): Expression => ({ kind: "literal", value, type: bigint });
const text = (value: string): Expression => ({ kind: "literal", value, type: varchar });
const above = (limit: bigint): Expression => ({ kind: "compare", operator: ">", left: v, right: number(limit), type: boolean });
const times = (factor: bigint): Expression => ({ kind: "call", name: "*", arguments: [v, number(factor)], type: bigint });
const open = (filter: Expression | null, projections: readonly Expression[], output: Schema = schema) =>
  OperatorHarness.open({ definition: calc, spec: { op: "calc", filter, projections }, inputs: [schema], output });

describe("calc", () => {
  it("keeps rows for which the filter is true, with their weights", async () => {
    const harness = await open(above(1n), [times(2n), s]);
    expect(await harness.feed("+ 1 a | - 2 b | + NULL c | +3 3 NULL | wm 00:00:01")).toEqual(linesOf("- 4 b | +3 6 NULL | wm 00:00:01"));
  });

  it("emits nothing when no row is kept", async () => {
    const harness = await open(above(10n), [v, s]);
    expect(await harness.feed("+ 1 a")).toEqual([]);
  });

  it("gives each batch its own answer though arrays are reused", async () => {
    const harness = await open(null, [times(3n), s]);
    expect(await harness.feed("+ 1 a | + NULL b | -- | + 2 c")).toEqual(linesOf("+ 3 a | + NULL b | + 6 c"));
  });

  it("joins columns and literals of a CASE into one column of strings", async () => {
    const harness = await open(null, [
      v,
      {
        kind: "case",
        whens: [
          { when: above(2n), result: s },
          { when: above(1n), result: text("two") },
        ],
        otherwise: { kind: "literal", value: null, type: varchar },
        type: varchar,
      },
    ]);
    expect(await harness.feed("+ 1 a | + 2 b | + 3 c | + 4 NULL")).toEqual(linesOf("+ 1 NULL | + 2 two | + 3 c | + 4 NULL"));
  });

  it("ends the task where a value does not exist, and works on afterwards", async () => {
    const harness = await open(null, [times(2n), s]);
    await expect(harness.feed("+ 9223372036854775807 a")).rejects.toMatchObject({ sqlState: "22003", domain: "user" });
    expect(await harness.feed("+ 2 a")).toEqual(["+ 4 a"]);
  });
});
