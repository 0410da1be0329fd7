import type { Expression } from "../../runtime/contract/expressions.ts";
import type { AggregateCall } from "../../runtime/contract/job-graph.ts";
import type { OverCall } from "../../runtime/contract/ordering.ts";
import { bigint, sameType } from "../../runtime/contract/types.ts";
import type { LogicalOverCall } from "../logical/nodes.ts";
import { unsupported } from "../logical/refuse.ts";
import { toAggregateCalls } from "./calls.ts";
import type { ColumnList } from "./columns.ts";
import type { StreamContext } from "./context.ts";
import { frameOf, offsetOf } from "./over-frame.ts";

type Build = (call: LogicalOverCall, columns: ColumnList, context: StreamContext) => OverCall;

const ranks = {
  row_number: "rowNumber",
  rank: "rank",
  rank_dense: "denseRank",
  percent_rank: "percentRank",
  cume_dist: "cumeDist",
} as const;
const ranking =
  (kind: (typeof ranks)[keyof typeof ranks]): Build =>
  ({ type }) => ({ kind, type });

const builders: Readonly<Record<string, Build>> = {
  row_number: ranking(ranks.row_number),
  rank: ranking(ranks.rank),
  rank_dense: ranking(ranks.rank_dense),
  percent_rank: ranking(ranks.percent_rank),
  cume_dist: ranking(ranks.cume_dist),
  ntile: (call, columns) => ({ kind: "ntile", buckets: argument(call, 0, columns), type: call.type }),
  lag: (call, columns) => shifted("lag", call, columns),
  lead: (call, columns) => shifted("lead", call, columns),
  first_value: (call, columns, context) => ({ kind: "firstValue", ...valued(call, columns, context) }),
  last_value: (call, columns, context) => ({ kind: "lastValue", ...valued(call, columns, context) }),
  nth_value: (call, columns, context) => ({ kind: "nthValue", nth: argument(call, 1, columns), ...valued(call, columns, context) }),
};

/** The call with its arguments as columns of a calc in front. Throws SqlError 0A000 for a function without an implementation. */
export function toOverCall(call: LogicalOverCall, columns: ColumnList, context: StreamContext): OverCall {
  if (call.isAggregate) {
    return { kind: "aggregate", call: aggregateCall(call, columns, context), frame: frameOf(call, columns, context), type: call.type };
  }
  const build = builders[call.name];
  if (build === undefined) throw unsupported(`the window function ${call.name}()`, context.locate(call.name, "over"));
  if (call.filter !== null || call.distinct) {
    const what = `${call.distinct ? "DISTINCT in" : "FILTER on"} the window function ${call.name}()`;
    throw unsupported(what, context.locate(call.name, "over"));
  }
  return build(call, columns, context);
}

function aggregateCall(call: LogicalOverCall, columns: ColumnList, context: StreamContext): AggregateCall {
  const { name, arguments: args, distinct, filter, constants, type } = call;
  const [made] = toAggregateCalls([{ name, arguments: args, distinct, filter, constants, orders: [], type }], columns, (e) => e, context);
  return made as AggregateCall;
}

function argument(call: LogicalOverCall, at: number, columns: ColumnList): number {
  const e = call.arguments[at] as Expression;
  const counted: Expression = sameType(e.type, bigint) ? e : { kind: "cast", argument: e, type: bigint, tryCast: false };
  return columns.add(counted, `${call.name}_argument${at + 1}`);
}

const valued = (call: LogicalOverCall, columns: ColumnList, context: StreamContext) => ({
  value: columns.add(call.arguments[0] as Expression, `${call.name}_argument`),
  ignoreNulls: call.ignoreNulls,
  frame: frameOf(call, columns, context),
  type: call.type,
});

/** Their frame, if one is written, means nothing. */
function shifted(kind: "lag" | "lead", call: LogicalOverCall, columns: ColumnList): OverCall {
  return {
    kind,
    value: columns.add(call.arguments[0] as Expression, `${kind}_argument`),
    offset: call.offset === null ? { constant: 1 } : offsetOf(call.offset, columns, `${kind}_offset`),
    fallback: call.fallback === null ? null : columns.add(call.fallback, `${kind}_default`),
    ignoreNulls: call.ignoreNulls,
    type: call.type,
  };
}
