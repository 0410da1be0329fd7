import type { Expression } from "../../runtime/contract/expressions.ts";
import type { BoundWindowCall } from "../bound/nodes.ts";
import type { BoundOf, Conversion } from "./conversion.ts";
import { ordersOf, partitionsOf } from "./from-bound-rank.ts";
import { type LogicalOverCall, type LogicalPlan, over, type SortOrder } from "./nodes.ts";
import { printExpression } from "./print-expression.ts";
import { unsupported } from "./refuse.ts";
import { attachWindows, column, type Converted, type Slot, translate } from "./slots.ts";

interface Group {
  readonly partitions: readonly Expression[];
  readonly orders: readonly SortOrder[];
  readonly calls: { readonly call: LogicalOverCall; readonly at: number }[];
}

/** All OVERs of a SELECT: one node for each PARTITION BY with ORDER BY, one above the other. */
export function convertOver(plan: BoundOf<"window">, conversion: Conversion): Converted {
  const below = conversion.convert(plan.input, conversion);
  const input = attachWindows(below, plan.calls.flatMap(expressionsOf));
  const groups = new Map<string, Group>();
  for (const [at, call] of plan.calls.entries()) {
    if (call.argumentOrders.length > 0) {
      throw unsupported(
        `ORDER BY inside ${call.name}() OVER`,
        conversion.locate(call.name, "over"),
        "Order the window: OVER (ORDER BY …).",
      );
    }
    const partitions = partitionsOf(call.partitions, input);
    const orders = ordersOf(call.orders, input);
    const key = keyOf(partitions, orders, input.plan);
    const group = groups.get(key) ?? { partitions, orders, calls: [] };
    group.calls.push({ call: translated(call, input), at });
    groups.set(key, group);
  }
  return chained(input, [...groups.values()], plan.calls.length);
}

/** Every node appends its columns, so that those below stay where they are. */
function chained(input: Converted, groups: readonly Group[], calls: number): Converted {
  const slots: (Slot | null)[] = Array.from({ length: calls }, () => null);
  let plan = input.plan;
  for (const { partitions, orders, calls: own } of groups) {
    const width = plan.schema.columns.length;
    plan = over(
      plan,
      partitions,
      orders,
      own.map(({ call }) => call),
    );
    for (const [i, { at }] of own.entries()) slots[at] = column(plan, width + i);
  }
  return { plan, slots: [...input.slots, ...slots], attached: input.attached };
}

function translated(call: BoundWindowCall, input: Converted): LogicalOverCall {
  const through = (e: Expression | null): Expression | null => (e === null ? null : translate(e, input));
  return {
    ...call,
    arguments: call.arguments.map((a) => translate(a, input)),
    filter: through(call.filter),
    startExpression: through(call.startExpression),
    endExpression: through(call.endExpression),
    offset: through(call.offset),
    fallback: through(call.fallback),
  };
}

function expressionsOf(call: BoundWindowCall): readonly Expression[] {
  const optional = [call.filter, call.startExpression, call.endExpression, call.offset, call.fallback];
  return [...call.arguments, ...call.partitions, ...call.orders.map((o) => o.expression), ...optional.filter((e) => e !== null)];
}

function keyOf(partitions: readonly Expression[], orders: readonly SortOrder[], plan: LogicalPlan): string {
  const text = (e: Expression): string => printExpression(e, { columns: plan.schema.columns.map((c, i) => ({ ...c, name: `#${i}` })) });
  const sorted = orders.map((o) => `${text(o.expression)} ${o.descending} ${o.nullsFirst}`);
  return JSON.stringify([partitions.map(text), sorted]);
}
