import type { Expression } from "../../runtime/contract/expressions.ts";
import type { Schema } from "../../runtime/contract/types.ts";
import type { LogicalOverCall, OverNode, RankNode, SortOrder } from "./nodes.ts";
import { printExpression } from "./print-expression.ts";

/** `row_number 1..3 by [auction] order [price desc]`. */
export function printRank({ form, from, to, withRank, partitions, orders, input }: RankNode): string {
  const range = to === null ? `from ${from}` : from === to ? `${from}` : `${from}..${to}`;
  return `${form} ${range}${windowOf(partitions, orders, input.schema)}${withRank ? "  with rank" : ""}`;
}

/** `[sum(price) rows unbounded preceding .. current row] by [auction] order [ts]`. */
export function printOver({ calls, partitions, orders, input }: OverNode): string {
  return `${calls.map((call) => printOverCall(call, input.schema)).join(", ")}${windowOf(partitions, orders, input.schema)}`;
}

function windowOf(partitions: readonly Expression[], orders: readonly SortOrder[], over: Schema): string {
  const keys = partitions.map((p) => printExpression(p, over)).join(", ");
  const sorted = orders.map((o) => printOrder(o, over)).join(", ");
  return `${keys === "" ? "" : `  by [${keys}]`}${sorted === "" ? "" : `  order [${sorted}]`}`;
}

/** NULLs come last ascending and first descending, unless it says something else. */
function printOrder({ expression, descending, nullsFirst }: SortOrder, over: Schema): string {
  const nulls = nullsFirst === descending ? "" : ` nulls ${nullsFirst ? "first" : "last"}`;
  return `${printExpression(expression, over)}${descending ? " desc" : ""}${nulls}`;
}

function printOverCall(call: LogicalOverCall, over: Schema): string {
  const operands = [...call.arguments, ...call.constants, ...[call.offset, call.fallback].filter((e) => e !== null)];
  const list = call.name === "count_star" ? "*" : operands.map((e) => printExpression(e, over)).join(", ");
  const name = call.name === "count_star" ? "count" : call.name;
  const filter = call.filter === null ? "" : ` filter (where ${printExpression(call.filter, over)})`;
  const nulls = call.ignoreNulls ? " ignore nulls" : "";
  return `${name}(${call.distinct ? "distinct " : ""}${list}${nulls})${filter}${frameText(call, over)}`;
}

/** The default frame, and that of functions that have none, goes without saying. */
function frameText(call: LogicalOverCall, over: Schema): string {
  const exclude = call.exclude === "NO_OTHER" || call.exclude === "" ? "" : ` exclude ${words(call.exclude)}`;
  if (call.start === "UNBOUNDED_PRECEDING" && call.end === "CURRENT_ROW_RANGE") return exclude;
  const start = boundText(call.start, call.startExpression, over);
  return ` ${start} .. ${boundText(call.end, call.endExpression, over)}${exclude}`;
}

function boundText(bound: string, expression: Expression | null, over: Schema): string {
  const value = expression === null ? "" : `${printExpression(expression, over)} `;
  return words(bound).replace("expr ", value);
}

const words = (name: string): string => name.toLowerCase().replaceAll("_", " ");
