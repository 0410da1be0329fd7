import type { Expression } from "../../runtime/contract/expressions.ts";
import type { AggregateCall } from "../../runtime/contract/job-graph.ts";
import type { SqlType } from "../../runtime/contract/types.ts";
import { findAggregate, findCollector, takesParameter } from "../../runtime/functions/aggregate/registry.ts";
import { unsupportedAggregate } from "../logical/from-bound-aggregate.ts";
import type { AggregateNode, LogicalCall } from "../logical/nodes.ts";
import { printCall } from "../logical/print.ts";
import type { ColumnList } from "./columns.ts";
import { stateName } from "./lineage.ts";
import type { StreamContext } from "./context.ts";

/**
 * The calls with their arguments and filters as columns of a calc in front. What has no incremental form, or an ORDER BY that
 * matters, is computed from all its rows. Throws SqlError 0A000 for an aggregate without an implementation.
 */
export function toAggregateCalls(
  calls: readonly LogicalCall[],
  columns: ColumnList,
  through: (e: Expression) => Expression,
  context: StreamContext,
): readonly AggregateCall[] {
  return calls.map((written, i) => {
    const call = withParameter(written);
    const argumentTypes = call.arguments.map((a) => a.type);
    const form = formOf(call, argumentTypes, call !== written);
    if (form === null) throw unsupportedAggregate(call.name, argumentTypes, context.locate(call.name));
    const inputs = form === "collect" ? [...call.arguments, ...call.orders.map((o) => o.expression)] : call.arguments;
    return {
      name: exactNames[call.name] ?? call.name,
      arguments: inputs.map((a, k) => columns.add(through(a), `${call.name}_${i}_argument${k + 1}`)),
      argumentTypes: inputs.map((a) => a.type),
      distinct: call.distinct || call.name in exactNames,
      filter: call.filter === null ? null : columns.add(through(call.filter), `${call.name}_${i}_filter`),
      constants: call.constants,
      type: call.type,
      label: labelOf(call, (e) => columns.lineage(through(e))),
      ...(form === "collect" ? { collect: { orders: call.orders.map(({ descending, nullsFirst }) => ({ descending, nullsFirst })) } } : {}),
    };
  });
}

/** Two calls of one aggregate have one label only if they are the same. */
function labelOf(call: LogicalCall, text: (e: Expression) => string): string {
  const constants = call.constants.map((e) => text(e));
  const orders = call.orders.map((o) => `${text(o.expression)} ${o.descending} ${o.nullsFirst}`);
  const filter = call.filter === null ? [] : [`where ${text(call.filter)}`];
  const parts = [...call.arguments.map(text), ...constants, ...orders, ...filter];
  return parts.length === 0 ? "" : stateName(parts.join(", "));
}

/** The calls of a node for EXPLAIN; `collect` says that all rows of the call are kept. */
export const printCalls = (node: AggregateNode, calls: readonly AggregateCall[]): string =>
  node.calls.map((call, i) => `${printCall(call, node.input.schema)}${calls[i]?.collect === undefined ? "" : " collect"}`).join(", ");

/** Approximations whose exact form has the same state. */
const exactNames: Readonly<Record<string, string>> = { approx_count_distinct: "count" };

/** A literal behind the arguments of max(x, n) and the like is a parameter, not a column. */
function withParameter(call: LogicalCall): LogicalCall {
  const last = call.arguments.at(-1);
  if (last?.kind !== "literal" || !takesParameter(call.name) || call.constants.length > 0) return call;
  const rest = call.arguments.slice(0, -1);
  const fits = findCollector(
    call.name,
    rest.map((a) => a.type),
    true,
  );
  return fits === null ? call : { ...call, arguments: rest, constants: [last] };
}

function formOf(call: LogicalCall, types: readonly SqlType[], hasParameter: boolean): "incremental" | "collect" | null {
  const collector = findCollector(call.name, types, hasParameter);
  if (collector !== null && (hasParameter || (collector.ordered && call.orders.length > 0))) return "collect";
  if (findAggregate(exactNames[call.name] ?? call.name, types) !== null) return "incremental";
  return collector === null ? null : "collect";
}
