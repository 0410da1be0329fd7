import type { Expression } from "../../runtime/contract/expressions.ts";
import { bigint } from "../../runtime/contract/types.ts";
import type { BoundAggregateCall } from "../bound/nodes.ts";
import { rowsOf } from "../bound/one-row.ts";
import type { BoundOf, Conversion } from "./conversion.ts";
import { type Converted, translate } from "./slots.ts";

const one: Expression = { kind: "literal", value: 1n, type: bigint };

/**
 * DuckDB takes `first(x)` and `count(*)` of a scalar subquery, to fail on a second row. Where the subquery has one row by its form,
 * that row is the answer. null when this is no such aggregate.
 */
export function convertOneRow(plan: BoundOf<"aggregate">, conversion: Conversion): Converted | null {
  const isOne = plan.groups.length === 0 && plan.groupingFunctions.length === 0 && rowsOf(plan.input) === "one";
  if (!isOne || !plan.calls.every((call) => isCount(call) || isFirst(call))) return null;
  const input = conversion.convert(plan.input, conversion);
  return {
    ...input,
    slots: plan.calls.map((call) => (isCount(call) ? one : translate(call.arguments[0] as Expression, input))),
    attached: [],
  };
}

/** Of at most one row the first is the greatest, which can be taken back. */
export function firstOfOneRow(plan: BoundOf<"aggregate">): BoundOf<"aggregate"> {
  if (plan.groups.length > 0 || rowsOf(plan.input) !== "atMostOne") return plan;
  return { ...plan, calls: plan.calls.map((call) => (isFirst(call) ? { ...call, name: "max" } : call)) };
}

const isPlain = (call: BoundAggregateCall): boolean => !call.distinct && call.filter === null && call.orders.length === 0;
const isCount = (call: BoundAggregateCall): boolean => call.name === "count_star" && isPlain(call);
const isFirst = (call: BoundAggregateCall): boolean => call.name === "first" && call.arguments.length === 1 && isPlain(call);
