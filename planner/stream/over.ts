import type { EventTimeOverSpec, OverSpec, WindowOverSpec } from "../../runtime/contract/job-graph.ts";
import type { OverCall } from "../../runtime/contract/ordering.ts";
import { isCarried, looksAhead, retentionOf } from "../../runtime/contract/over-retention.ts";
import { type OverNode, uniqueNames } from "../logical/nodes.ts";
import { printOver } from "../logical/print-over.ts";
import { calc, columnExpression, namesOf } from "./calc.ts";
import type { StreamContext } from "./context.ts";
import { exchange } from "./exchange.ts";
import type { OperatorPlan, StreamPlan, Traits } from "./nodes.ts";
import { toOverCall } from "./over-calls.ts";
import { noteUnbounded, ttlOfKeys } from "./state-ttl.ts";
import { closedWindows, distributionBy, partitionText, sortedInput, timeOrder, windowPartition } from "./sorted-input.ts";

/**
 * Window functions. Rows of a window are answered once, when it closes; append-only rows in the order of event time, where no
 * function looks ahead, when the watermark has passed them; else all rows are kept and answered anew where they change.
 */
export function overPlan(node: OverNode, input: StreamPlan, context: StreamContext): StreamPlan {
  const sorted = sortedInput(node, input);
  const { partition, order, columns } = sorted;
  const calls = node.calls.map((call) => toOverCall(call, columns, context));
  const window = windowPartition(input, sorted);
  if (window !== null) return finish(node, operator(node, { op: "windowOver", order, calls, ...window }, input, columns));
  const timeColumn = timeOrder(input, sorted);
  const ttl = ttlOfKeys(context, partition.length);
  const inTime = timeColumn !== null && !calls.some(looksAhead);
  if (inTime) {
    noteEventTimeState(node, calls, context);
    return finish(node, operator(node, { op: "eventTimeOver", partition, order, calls, timeColumn, ...ttl }, input, columns));
  }
  const remedy = "over append-only rows, ORDER BY the event time and look back only (no LEAD, no FOLLOWING)";
  noteUnbounded(context, partition.length, `OVER${partitionText(node.partitions, node.input)} keeps every row of its input`, remedy);
  return finish(node, operator(node, { op: "over", partition, order, calls, ...ttl }, input, columns));
}

function noteEventTimeState(node: OverNode, calls: readonly OverCall[], context: StreamContext): void {
  const by = partitionText(node.partitions, node.input);
  const keys = node.partitions.length;
  const remedy = "let frames begin a constant number of rows or a constant time before the row";
  if (retentionOf(calls).all) noteUnbounded(context, keys, `OVER${by} keeps every row of its input, for a frame may reach it,`, remedy);
  else if (keys > 0 && calls.some(isCarried)) noteUnbounded(context, keys, `OVER${by} keeps a row per partition`, remedy);
}

type Spec = OverSpec | EventTimeOverSpec | WindowOverSpec;

/** What each way of answering makes of the input's traits. */
const forms: { readonly [O in Spec["op"]]: { readonly name: string; readonly changed: (input: StreamPlan) => Partial<Traits> } } = {
  over: { name: "Over", changed: () => ({ isChangelog: true, times: [], windows: new Map() }) },
  eventTimeOver: { name: "EventTimeOver", changed: () => ({}) },
  windowOver: { name: "WindowOver", changed: closedWindows },
};

function operator(node: OverNode, spec: Spec, input: StreamPlan, columns: ReturnType<typeof sortedInput>["columns"]): OperatorPlan {
  const front = columns.calc(null);
  const { name, changed } = forms[spec.op];
  return {
    kind: "operator",
    name,
    handle: "over",
    spec,
    inputs: [exchange(front, spec.partition)],
    schema: { columns: uniqueNames([...front.schema.columns, ...node.calls.map(({ name, type }) => ({ name, type }))]) },
    traits: { ...input.traits, ...changed(input), distribution: distributionBy(spec.partition) },
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
