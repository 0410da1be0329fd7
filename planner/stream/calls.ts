import type { AggregateCall } from "../../runtime/contract/job-graph.ts";
import type { Expression } from "../../runtime/contract/expressions.ts";
import { findAggregate } from "../../runtime/functions/aggregate/registry.ts";
import { unsupportedAggregate } from "../logical/from-bound-aggregate.ts";
import type { LogicalCall } from "../logical/nodes.ts";
import type { ColumnList } from "./columns.ts";
import type { StreamContext } from "./context.ts";

/** The calls with their arguments and filters as columns of a calc in front. Throws SqlError 0A000 for an aggregate without an implementation. */
export function toAggregateCalls(
  calls: readonly LogicalCall[],
  columns: ColumnList,
  through: (e: Expression) => Expression,
  context: StreamContext,
): readonly AggregateCall[] {
  return calls.map((call, i) => {
    const argumentTypes = call.arguments.map((a) => a.type);
    if (findAggregate(call.name, argumentTypes) === null) throw unsupportedAggregate(call.name, argumentTypes, context.locate(call.name));
    return {
      name: call.name,
      arguments: call.arguments.map((a, k) => columns.add(through(a), `${call.name}_${i}_argument${k + 1}`)),
      argumentTypes,
      distinct: call.distinct,
      filter: call.filter === null ? null : columns.add(through(call.filter), `${call.name}_${i}_filter`),
      constants: call.constants,
      type: call.type,
    };
  });
}
