import { bigint, type Field, type Schema, timestamp } from "../../runtime/contract/types.ts";
import {
  isRevised,
  type SessionAggregateSpec,
  type WindowAggregateSpec,
  type WindowGroupAggregateSpec,
} from "../../runtime/contract/job-graph.ts";
import { accumulatorSchema } from "../../runtime/functions/aggregate/registry.ts";
import { type AggregateNode, uniqueNames } from "../logical/nodes.ts";
import type { StreamContext } from "./context.ts";
import { exchange } from "./exchange.ts";
import type { Grouping } from "./grouping.ts";
import type { OperatorPlan, StreamPlan, Traits } from "./nodes.ts";

type Spec = WindowAggregateSpec | WindowGroupAggregateSpec | SessionAggregateSpec;

/**
 * The aggregate with the exchange in front that its keys need; where the calls can be merged, a local phase before
 * the exchange sends one row per key and slice instead of every row.
 */
export function twoPhases(
  front: StreamPlan,
  spec: Spec,
  description: string,
  grouping: Grouping,
  node: AggregateNode,
  context: StreamContext,
): OperatorPlan {
  const shuffled = exchange(front, distributionOf(spec));
  const result = resultOf(front.schema, spec, grouping, node);
  const isLate = context.lateRows !== null && !(spec.op !== "sessionAggregate" && spec.window.kind === "attached");
  const side = isLate && context.lateRows !== null ? ({ tag: "late", table: context.lateRows.table } as const) : null;
  const base = { kind: "operator", handle: "agg", description, isShared: false, ...result } as const;
  if (spec.op === "sessionAggregate") return { ...base, name: "SessionAggregate", spec, inputs: [shuffled], side };
  if (spec.op === "windowGroupAggregate") return { ...base, name: "WindowGroupAggregate", spec, inputs: [shuffled], side };
  if (shuffled === front || side !== null || !context.localAggregate || !canSplit(spec)) {
    return { ...base, name: "WindowAggregate", spec, inputs: [shuffled], side };
  }
  const local = localPhase(front, spec, description);
  const keys = spec.keys.map((_, i) => i);
  const global: WindowAggregateSpec = { ...spec, phase: "global", keys, timeColumn: keys.length };
  return { ...base, name: "GlobalWindowAggregate", spec: global, inputs: [exchange(local, keys)], side };
}

/** Sessions are built per their partition keys, so all rows of those meet; windows are the same for everyone. */
const distributionOf = (spec: Spec): readonly number[] => (spec.op === "sessionAggregate" ? spec.partitionKeys : spec.keys);

/** The local phase knows no window of a row but its slice's end; and what keeps its values would not be smaller. */
const canSplit = (spec: WindowAggregateSpec): boolean =>
  spec.window.kind !== "attached" && spec.aggregates.every((call) => !call.distinct && call.collect === undefined);

function localPhase(front: StreamPlan, spec: WindowAggregateSpec, description: string): OperatorPlan {
  const columns = uniqueNames([
    ...spec.keys.map((k) => front.schema.columns[k] as Field),
    { name: "slice_end", type: timestamp },
    ...accumulatorSchema(spec.aggregates),
    { name: "rows", type: bigint },
  ]);
  return {
    kind: "operator",
    name: "LocalWindowAggregate",
    handle: "local",
    spec: { ...spec, phase: "local" },
    inputs: [front],
    schema: { columns },
    traits: { ...front.traits, uniqueKeys: [], times: [], windows: new Map(), distribution: { kind: "any" } },
    description,
    side: null,
    isShared: false,
  };
}

/** Columns and traits of the aggregate's output: keys, aggregates, window columns. */
function resultOf(
  front: Schema,
  spec: Spec,
  grouping: Grouping,
  node: AggregateNode,
): { readonly schema: Schema; readonly traits: Traits } {
  const calls = node.calls.map((call) => ({ name: call.name === "count_star" ? "count" : call.name, type: call.type }));
  const keys = spec.keys.map((k) => front.columns[k] as Field);
  const columns = uniqueNames([...keys, ...calls, ...spec.windowColumns.map((name) => ({ name, type: spec.timeType }))]);
  const base = keys.length + calls.length;
  const distributed = distributionOf(spec).map((_, i) => i);
  const windows = spec.windowColumns.map((role, i) => [base + i, { role, window: grouping.window }] as const);
  const isChangelog = spec.op === "windowGroupAggregate" && isRevised(spec.emission);
  // The last of them: windows of CUMULATE share their start. The rows of a changelog are told apart by any that will do.
  const last = base + windows.length - 1;
  const { kind } = grouping.window.spec;
  const telling = isChangelog && kind !== "cumulate" && kind !== "calendar" ? windows.map(([column]) => [column]) : [[last]];
  const bounds = kind === "calendar" ? [windows.map(([column]) => column)] : telling;
  const uniqueKeys = bounds.map((columns) => [...keys.map((_, i) => i), ...columns]);
  return {
    schema: { columns },
    traits: {
      isChangelog,
      uniqueKeys,
      times: windows.flatMap(([column, w]) => (w.role === "window_time" ? [column] : [])),
      windows: new Map(windows),
      distribution: distributed.length === 0 ? { kind: "single" } : { kind: "hash", keys: distributed },
    },
  };
}
