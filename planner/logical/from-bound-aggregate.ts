import { SqlError } from "../../runtime/contract/errors.ts";
import type { Expression } from "../../runtime/contract/expressions.ts";
import { type Field, formatType, type SqlType } from "../../runtime/contract/types.ts";
import type { BoundAggregateCall } from "../bound/nodes.ts";
import type { BoundOf, Conversion } from "./conversion.ts";
import { aggregate, type LogicalCall, windowColumnNames } from "./nodes.ts";
import { unsupported } from "./refuse.ts";
import { attachWindows, column, type Converted, type Slot, slotName, translate, translateSlot } from "./slots.ts";

export function convertAggregate(plan: BoundOf<"aggregate">, conversion: Conversion): Converted {
  const isPlain = plan.groupingSets.length === 1 && plan.groupingSets[0]?.length === plan.groups.length && plan.groupingFunctions === 0;
  if (!isPlain) throw unsupported("GROUPING SETS, CUBE or ROLLUP", conversion.locate("grouping", "cube", "rollup"));
  const below = conversion.convert(plan.input, conversion);
  const inner = plan.calls.flatMap((call) => [...call.arguments, ...(call.filter === null ? [] : [call.filter])]);
  const input = attachWindows(below, [...plan.groups, ...inner]);
  const calls = plan.calls.map((call) => convertCall(call, input, conversion));
  return group(
    input,
    plan.groups.map((g) => translateSlot(g, input)),
    plan.columns,
    calls,
  );
}

/** DISTINCT is a grouping by all columns. */
export function convertDistinct(plan: BoundOf<"distinct">, conversion: Conversion): Converted {
  if (plan.on !== null) throw unsupported("DISTINCT ON", conversion.locate("distinct"));
  const input = conversion.convert(plan.input, conversion);
  const groups = plan.columns.map((c, i) => translateSlot({ kind: "column", index: i, type: c.type }, input));
  return group(input, groups, plan.columns, []);
}

/** A window as a group is its three columns. */
function group(input: Converted, groups: readonly Slot[], names: readonly Field[], calls: readonly LogicalCall[]): Converted {
  const expressions: Expression[] = [];
  const groupNames: string[] = [];
  const places = groups.map((slot, i) => {
    const at = expressions.length;
    if (slot.kind !== "window") {
      expressions.push(slot);
      groupNames.push(slotName(slot, names[i]?.name ?? "group", input.plan));
      return [at];
    }
    expressions.push(...slot.columns.map((c) => column(input.plan, c)));
    groupNames.push(...windowColumnNames);
    return slot.columns.map((_, k) => at + k);
  });
  const plan = aggregate(input.plan, expressions, groupNames, calls);
  const slots = places.map((at): Slot => (at.length === 1 ? column(plan, at[0] as number) : { kind: "window", columns: at }));
  return { plan, slots: [...slots, ...calls.map((_, i) => column(plan, expressions.length + i))], attached: [] };
}

function convertCall(call: BoundAggregateCall, input: Converted, conversion: Conversion): LogicalCall {
  const at = conversion.locate(call.name);
  if (call.orders.length > 0) {
    throw unsupported(`ORDER BY inside ${call.name}()`, at, "Leave it out: the rows of a stream are aggregated as they come.");
  }
  return {
    name: call.name,
    arguments: call.arguments.map((a) => translate(a, input)),
    distinct: call.distinct,
    filter: call.filter === null ? null : translate(call.filter, input),
    constants: call.constants,
    type: call.type,
  };
}

/** 0A000 for an aggregate that has no incremental form. */
export const unsupportedAggregate = (name: string, types: readonly SqlType[], at: number | undefined): SqlError =>
  unsupported(`the aggregate ${name}(${types.map(formatType).join(", ").toLowerCase()})`, at);
