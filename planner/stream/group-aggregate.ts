import { SqlError } from "../../runtime/contract/errors.ts";
import type { AggregateCall } from "../../runtime/contract/job-graph.ts";
import { retractableForm } from "../../runtime/functions/aggregate/registry.ts";
import type { AggregateNode } from "../logical/nodes.ts";
import { printExpression } from "../logical/print-expression.ts";
import { printCalls, toAggregateCalls } from "./calls.ts";
import { ColumnList } from "./columns.ts";
import type { StreamContext } from "./context.ts";
import { exchange } from "./exchange.ts";
import type { OperatorPlan, StreamPlan } from "./nodes.ts";
import { noteUnbounded, ttlOfKeys } from "./state-ttl.ts";

/** GROUP BY without a window, and DISTINCT: the result is a changelog, the state stays as long as the job. */
export function groupAggregate(node: AggregateNode, input: StreamPlan, context: StreamContext): OperatorPlan {
  const columns = new ColumnList(input);
  const keys = node.groups.map((g, i) => columns.append(g, node.schema.columns[i]?.name ?? "key"));
  const calls = toAggregateCalls(node.calls, columns, (e) => e, context);
  const aggregates = input.traits.isChangelog ? calls.map((call) => retractable(call, context)) : calls;
  const groups = node.groups.map((g) => printExpression(g, node.input.schema)).join(", ");
  const ttl = ttlOfKeys(context, keys.length);
  if (keys.length > 0) {
    const remedy = "group by window_start and window_end of TUMBLE, HOP or SESSION";
    noteUnbounded(context, keys.length, `GROUP BY ${groups} keeps a row per key`, remedy);
  }
  const collecting = node.calls.filter((_, i) => aggregates[i]?.collect !== undefined).map((call) => `${call.name}()`);
  if (collecting.length > 0) {
    noteUnbounded(context, keys.length, `${collecting.join(", ")} keeps the arguments of all rows`, "aggregate in windows");
  }
  return {
    kind: "operator",
    name: "GroupAggregate",
    handle: "agg",
    spec: { op: "groupAggregate", keys, aggregates, changelog: input.traits.isChangelog, ...ttl },
    inputs: [exchange(columns.calc(null), keys)],
    schema: node.schema,
    traits: {
      isChangelog: true,
      uniqueKeys: [keys.map((_, i) => i)],
      times: [],
      windows: new Map(),
      distribution: keys.length === 0 ? { kind: "single" } : { kind: "hash", keys: keys.map((_, i) => i) },
    },
    description: `keys=[${groups}]  ${printCalls(node, aggregates)}`.trimEnd(),
    side: null,
    isShared: false,
  };
}

/** The call in a form that can take rows back: over a changelog rows of its input may go again. */
export function retractable(call: AggregateCall, context: StreamContext): AggregateCall {
  const form = retractableForm(call);
  if (form !== null) return form;
  throw new SqlError({
    sqlState: "0A000",
    message: `the aggregate ${call.name}() over a changelog is not supported in a streaming job yet`,
    detail: "Rows of its input may be taken back.",
    at: context.locate(call.name),
  });
}
