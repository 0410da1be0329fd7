import type { Expression } from "../../runtime/contract/expressions.ts";
import type { OperatorSpec, RankSpec, WindowRankSpec } from "../../runtime/contract/job-graph.ts";
import { bigint, boolean, type Field } from "../../runtime/contract/types.ts";
import { type RankNode, uniqueNames } from "../logical/nodes.ts";
import { printRank } from "../logical/print-over.ts";
import { calc, columnExpression, namesOf } from "./calc.ts";
import type { StreamContext } from "./context.ts";
import { exchange } from "./exchange.ts";
import type { OperatorPlan, StreamPlan, Traits } from "./nodes.ts";
import {
  closedWindows,
  distributionBy,
  partitionText,
  type SortedInput,
  sortedInput,
  timeOrder,
  type WindowPartition,
  windowPartition,
} from "./sorted-input.ts";
import { noteUnbounded, ttlOfKeys } from "./state-ttl.ts";

/**
 * Top N: per window, in the order of event time, or of all rows so far. The first two emit rows once, when the watermark says that
 * they are final; the last one is a changelog.
 */
export function rankPlan(node: RankNode, input: StreamPlan, context: StreamContext): StreamPlan {
  const sorted = sortedInput(node, input);
  const window = windowPartition(input, sorted);
  if (window !== null) return chosen(node, windowRank(node, input, sorted, window));
  const time = timeOrder(input, sorted);
  if (time !== null) {
    noteTimeOrder(node, context);
    return inTimeOrder(node, input, sorted, time, context);
  }
  noteState(node, input, context);
  return chosen(node, rank(node, input, sorted, context));
}

function rank(node: RankNode, input: StreamPlan, sorted: SortedInput, context: StreamContext): OperatorPlan {
  const { isChangelog } = input.traits;
  const spec: RankSpec = { op: "rank", ...ranking(node, sorted), changelog: isChangelog, ...ttlOfKeys(context, sorted.partition.length) };
  return operator(node, "Rank", spec, input, sorted, { isChangelog: true, times: [], windows: new Map() });
}

function windowRank(node: RankNode, input: StreamPlan, sorted: SortedInput, window: WindowPartition): OperatorPlan {
  const spec: WindowRankSpec = { op: "windowRank", ...ranking(node, sorted), ...window };
  return operator(node, "WindowRank", spec, input, { ...sorted, partition: window.partition }, closedWindows(input));
}

const ranking = (node: RankNode, { partition, order }: SortedInput): Omit<RankSpec, "op" | "changelog" | "ttl_ms"> => ({
  function: node.function,
  partition,
  order,
  from: node.from,
  to: node.to,
  withRank: node.withRank,
});

function operator(
  node: RankNode,
  name: string,
  spec: OperatorSpec & { readonly partition: readonly number[] },
  input: StreamPlan,
  sorted: SortedInput,
  traits: Pick<Traits, "isChangelog" | "times" | "windows">,
): OperatorPlan {
  const front = sorted.columns.calc(null);
  const added: readonly Field[] = node.withRank ? [{ name: node.form, type: bigint }] : [];
  const schema = { columns: uniqueNames([...front.schema.columns, ...added]) };
  return {
    kind: "operator",
    name,
    handle: "rank",
    spec,
    inputs: [exchange(front, spec.partition)],
    schema,
    traits: { ...traits, uniqueKeys: uniqueKeysOf(node, input, sorted), distribution: distributionBy(spec.partition) },
    description: printRank(node),
    side: null,
    isShared: false,
  };
}

/** One row number is one row of its partition. */
function uniqueKeysOf(node: RankNode, input: StreamPlan, { partition, columns }: SortedInput): readonly (readonly number[])[] {
  const keys = [...input.traits.uniqueKeys];
  if (node.function !== "rowNumber") return keys;
  if (node.from === node.to) keys.unshift(partition);
  if (node.withRank) keys.unshift([...partition, columns.length]);
  return keys;
}

/** The node's own columns of an operator that has more in between. */
function chosen(node: RankNode, plan: OperatorPlan): StreamPlan {
  const own = node.input.schema.columns.length;
  const positions = node.schema.columns.map((_, i) => (i < own ? i : plan.schema.columns.length - 1));
  return calc(
    plan,
    null,
    positions.map((p) => columnExpression(plan.schema, p)),
    namesOf(node.schema),
  );
}

/** Ranks in the order of event time do not change once the watermark has passed: they are computed once, then filtered. */
function inTimeOrder(node: RankNode, input: StreamPlan, sorted: SortedInput, timeColumn: number, context: StreamContext): StreamPlan {
  const { partition, order, columns } = sorted;
  const front = columns.calc(null);
  const width = front.schema.columns.length;
  const schema = { columns: uniqueNames([...front.schema.columns, { name: node.form, type: bigint }]) };
  const ranked: OperatorPlan = {
    kind: "operator",
    name: "EventTimeOver",
    handle: "rank",
    spec: {
      op: "eventTimeOver",
      partition,
      order,
      timeColumn,
      calls: [{ kind: node.function, type: bigint }],
      ...ttlOfKeys(context, partition.length),
    },
    inputs: [exchange(front, partition)],
    schema,
    traits: {
      ...input.traits,
      uniqueKeys: node.function === "rowNumber" ? [[...partition, width], ...input.traits.uniqueKeys] : input.traits.uniqueKeys,
      distribution: distributionBy(partition),
    },
    description: printRank(node),
    side: null,
    isShared: false,
  };
  const own = node.input.schema.columns.length;
  const projections = node.schema.columns.map((_, i) => columnExpression(schema, i < own ? i : width));
  return calc(ranked, rankIsIn(node, columnExpression(schema, width)), projections, namesOf(node.schema));
}

function rankIsIn({ from, to }: RankNode, rankColumn: Expression): Expression {
  const literal = (rows: number): Expression => ({ kind: "literal", value: BigInt(rows), type: bigint });
  const lower: Expression = { kind: "compare", operator: ">=", left: rankColumn, right: literal(from), type: boolean };
  if (to === null) return lower;
  const upper: Expression = { kind: "compare", operator: "<=", left: rankColumn, right: literal(to), type: boolean };
  return from === 1 ? upper : { kind: "and", arguments: [lower, upper], type: boolean };
}

const inWindows = "rank the rows of windows (PARTITION BY window_start, window_end)";

function noteTimeOrder(node: RankNode, context: StreamContext): void {
  const keys = node.partitions.length;
  if (keys > 0) noteUnbounded(context, keys, `Rank${partitionText(node.partitions, node.input)} keeps a row per partition`, inWindows);
}

function noteState(node: RankNode, input: StreamPlan, context: StreamContext): void {
  const keys = node.partitions.length;
  const by = partitionText(node.partitions, node.input);
  if (input.traits.isChangelog || node.to === null) {
    const why = node.to === null ? "no rank is too low" : "rows that come before it may be taken back";
    noteUnbounded(context, keys, `Rank${by} keeps every row of its input, for ${why},`, inWindows);
  } else if (keys > 0) {
    noteUnbounded(context, keys, `Rank${by} keeps up to ${node.to} rows per partition`, inWindows);
  }
}
