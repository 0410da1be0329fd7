import type { OverSpec } from "../../runtime/contract/job-graph.ts";
import { type OverNode, uniqueNames } from "../logical/nodes.ts";
import { printOver } from "../logical/print-over.ts";
import { calc, columnExpression, namesOf } from "./calc.ts";
import type { StreamContext } from "./context.ts";
import { exchange } from "./exchange.ts";
import type { OperatorPlan, StreamPlan } from "./nodes.ts";
import { toOverCall } from "./over-calls.ts";
import { distributionBy, partitionText, sortedInput } from "./sorted-input.ts";

/** Window functions: all rows are kept, partitions that change are answered anew. */
export function overPlan(node: OverNode, input: StreamPlan, context: StreamContext): StreamPlan {
  const sorted = sortedInput(node, input);
  const { partition, order, columns } = sorted;
  const calls = node.calls.map((call) => toOverCall(call, columns, context));
  context.notices.push(
    `unbounded state: OVER${partitionText(node.partitions, node.input)} keeps every row of its input as long as the job lives`,
  );
  return finish(node, operator(node, { op: "over", partition, order, calls }, input, columns));
}

function operator(node: OverNode, spec: OverSpec, input: StreamPlan, columns: ReturnType<typeof sortedInput>["columns"]): OperatorPlan {
  const front = columns.calc(null);
  return {
    kind: "operator",
    name: "Over",
    handle: "over",
    spec,
    inputs: [exchange(front, spec.partition)],
    schema: { columns: uniqueNames([...front.schema.columns, ...node.calls.map(({ name, type }) => ({ name, type }))]) },
    traits: { ...input.traits, times: [], windows: new Map(), isChangelog: true, distribution: distributionBy(spec.partition) },
    description: printOver(node),
    side: null,
    isShared: false,
  };
}

/** The node's columns: the input's, then the calls'; without what only the operator needs. */
function finish(node: OverNode, plan: OperatorPlan): StreamPlan {
  const own = node.input.schema.columns.length;
  const skipped = plan.schema.columns.length - node.schema.columns.length;
  return calc(
    plan,
    null,
    node.schema.columns.map((_, i) => columnExpression(plan.schema, i < own ? i : i + skipped)),
    namesOf(node.schema),
  );
}
