import { SqlError } from "../../runtime/contract/errors.ts";
import { formatType, type SqlType } from "../../runtime/contract/types.ts";
import type { BoundAggregateCall } from "../bound/nodes.ts";
import type { BoundOf, Conversion } from "./conversion.ts";
import { convertOneRow, firstOfOneRow } from "./from-bound-one-row.ts";
import { isSetOperation } from "./from-bound-sets.ts";
import { group } from "./group.ts";
import { groupingSets } from "./grouping-sets.ts";
import type { LogicalCall } from "./nodes.ts";
import { convertDistinctOn } from "./from-bound-rank.ts";
import { unsupported } from "./refuse.ts";
import { attachWindows, type Converted, translate, translateSlot } from "./slots.ts";

export function convertAggregate(bound: BoundOf<"aggregate">, conversion: Conversion): Converted {
  const row = convertOneRow(bound, conversion);
  if (row !== null) return row;
  const plan = firstOfOneRow(bound);
  const below = conversion.convert(plan.input, conversion);
  const inner = plan.calls.flatMap((call) => [
    ...call.arguments,
    ...call.orders.map((o) => o.expression),
    ...(call.filter === null ? [] : [call.filter]),
  ]);
  const input = attachWindows(below, [...plan.groups, ...inner]);
  const calls = plan.calls.map((call) => convertCall(call, input));
  const groups = plan.groups.map((g) => translateSlot(g, input));
  const isPlain = plan.groupingSets.length === 1 && plan.groupingSets[0]?.length === groups.length && plan.groupingFunctions.length === 0;
  return isPlain ? group(input, groups, plan.columns, calls) : groupingSets(plan, { input, groups, calls }, conversion.locate);
}

/** DISTINCT is a grouping by all columns. */
export function convertDistinct(plan: BoundOf<"distinct">, conversion: Conversion): Converted {
  if (plan.on !== null) return convertDistinctOn(plan, plan.on, conversion);
  if (isSetOperation(plan.input) && !plan.input.all) return conversion.convert(plan.input, conversion);
  const input = conversion.convert(plan.input, conversion);
  const groups = plan.columns.map((c, i) => translateSlot({ kind: "column", index: i, type: c.type }, input));
  return group(input, groups, plan.columns, []);
}

function convertCall(call: BoundAggregateCall, input: Converted): LogicalCall {
  return {
    name: call.name,
    arguments: call.arguments.map((a) => translate(a, input)),
    distinct: call.distinct,
    filter: call.filter === null ? null : translate(call.filter, input),
    constants: call.constants,
    orders: call.orders.map((order) => ({ ...order, expression: translate(order.expression, input) })),
    type: call.type,
  };
}

/** 0A000 for an aggregate that has no incremental form. */
export const unsupportedAggregate = (name: string, types: readonly SqlType[], at: number | undefined): SqlError =>
  unsupported(`the aggregate ${name}(${types.map(formatType).join(", ").toLowerCase()})`, at);
