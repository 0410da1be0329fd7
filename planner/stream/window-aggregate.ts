import { assert, SqlError } from "../../runtime/contract/errors.ts";
import { columnsOf, type Expression, mapColumns } from "../../runtime/contract/expressions.ts";
import {
  type AggregateCall,
  isRevised,
  type SessionAssignSpec,
  type WindowAggregateSpec,
  type WindowGroupAggregateSpec,
} from "../../runtime/contract/job-graph.ts";
import type { AggregateNode, LogicalCall } from "../logical/nodes.ts";
import { durationText, shapeOf, windowText } from "../logical/window-spec.ts";
import { unsupported } from "../logical/refuse.ts";
import { calc, columnExpression, isCalc } from "./calc.ts";
import { printCalls, toAggregateCalls } from "./calls.ts";
import { ColumnList } from "./columns.ts";
import type { StreamContext } from "./context.ts";
import type { OperatorPlan, StreamPlan } from "./nodes.ts";
import { retractable } from "./group-aggregate.ts";
import { finishAggregate, type Grouping, groupingOf } from "./grouping.ts";
import { twoPhases } from "./two-phases.ts";
import { windowBound } from "./window-columns.ts";

/**
 * GROUP BY over a window's columns. Where the rows' windows are attached right below, the aggregate takes that over
 * (and HOP and CUMULATE share slices); else the rows carry their windows.
 */
export function windowAggregate(node: AggregateNode, input: StreamPlan, grouping: Grouping, context: StreamContext): StreamPlan {
  const below = peel(input);
  const session = sessionOf(below.base);
  if (session !== null) {
    const aggregated = sessionAggregate(node, below, session, grouping, context);
    if (aggregated !== null) return aggregated;
    const rows = withBounds(below, input);
    return attached(node, rows, groupingOf(node, rows) ?? grouping, context);
  }
  requireWholeWindow(grouping, context);
  const assign = below.base.kind === "operator" && below.base.spec.op === "windowAssign" ? below.base : null;
  if (assign !== null && !readsWindow(node, grouping, below, assign)) return overAssigned(node, below, assign, grouping, context);
  return attached(node, input, grouping, context);
}

/** A node below a calc, with the calc's filter and columns in its terms. */
interface Below {
  readonly base: StreamPlan;
  readonly filter: Expression | null;
  readonly through: (e: Expression) => Expression;
}

function peel(input: StreamPlan): Below {
  if (!isCalc(input)) return { base: input, filter: null, through: (e) => e };
  const { filter, projections } = input.spec;
  return { base: input.inputs[0] as StreamPlan, filter, through: (e) => mapColumns(e, (c) => projections[c.index] as Expression) };
}

/** Whether anything but the groups themselves looks at the window columns. */
function readsWindow(node: AggregateNode, grouping: Grouping, below: Below, assign: OperatorPlan): boolean {
  const width = (assign.inputs[0] as StreamPlan).schema.columns.length;
  const used = new Set<number>();
  if (below.filter !== null) columnsOf(below.filter, used);
  const read = [...grouping.keys.map((k) => node.groups[k] as Expression), ...node.calls.flatMap(expressionsOf)];
  for (const e of read) columnsOf(below.through(e), used);
  return [...used].some((c) => c >= width);
}

const expressionsOf = (call: LogicalCall): readonly Expression[] => [
  ...call.arguments,
  ...call.orders.map((order) => order.expression),
  ...(call.filter === null ? [] : [call.filter]),
];

function overAssigned(node: AggregateNode, below: Below, assign: OperatorPlan, grouping: Grouping, context: StreamContext): StreamPlan {
  assert(assign.spec.op === "windowAssign", "the node attaches windows");
  const [rows] = assign.inputs as [StreamPlan];
  const columns = new ColumnList(rows);
  const keys = grouping.keys.map((k) => columns.append(below.through(node.groups[k] as Expression), grouping.names[k] ?? "key"));
  const aggregates = toAggregateCalls(node.calls, columns, below.through, context);
  const timeColumn = columns.add(columnExpression(rows.schema, assign.spec.timeColumn), "event_time");
  const spec = specOf({ window: assign.spec.window, timeColumn, keys, aggregates }, rows, grouping, context);
  const front = columns.calc(below.filter);
  const description = describe(node, grouping, `${windowText(assign.spec.window)}${emissionText(spec)}`, spec.aggregates);
  return finishAggregate(node, grouping, twoPhases(front, spec, description, grouping, node, context));
}

/** Rows carry their window: an aggregate over another's windows, or a condition on the window itself. */
function attached(node: AggregateNode, input: StreamPlan, grouping: Grouping, context: StreamContext): StreamPlan {
  const start = windowBound(input, grouping.window, "window_start");
  const end = windowBound(input, grouping.window, "window_end");
  if (start === null || end === null) {
    const hint = "Pass both window_start and window_end on from the inner query.";
    throw unsupported("a GROUP BY over part of a window's columns", context.locate("group"), hint);
  }
  const columns = new ColumnList(input);
  const keys = grouping.keys.map((k) => columns.append(node.groups[k] as Expression, grouping.names[k] ?? "key"));
  const aggregates = toAggregateCalls(node.calls, columns, (e) => e, context);
  const window = { kind: "attached", startColumn: columns.add(start, "window_start") } as const;
  const timeColumn = columns.add(end, "window_end");
  const spec = specOf({ window, timeColumn, keys, aggregates }, input, grouping, context);
  const description = describe(node, grouping, `window of the rows${emissionText(spec)}`, spec.aggregates);
  return finishAggregate(node, grouping, twoPhases(columns.calc(null), spec, description, grouping, node, context));
}

type SpecParts = Pick<WindowGroupAggregateSpec, "window" | "timeColumn" | "keys" | "aggregates">;

/** Slices, where each window shows its result once; else a state row per window. */
function specOf(
  parts: SpecParts,
  input: StreamPlan,
  grouping: Grouping,
  context: StreamContext,
): WindowAggregateSpec | WindowGroupAggregateSpec {
  const common = { ...parts, windowColumns: grouping.roles, timeType: grouping.window.timeType };
  const { emission } = context;
  if (!input.traits.isChangelog && !isRevised(emission) && parts.window.kind !== "calendar") {
    return { op: "windowAggregate", phase: "single", ...common, window: parts.window };
  }
  const aggregates = input.traits.isChangelog ? parts.aggregates.map((call) => retractable(call, context)) : parts.aggregates;
  return { op: "windowGroupAggregate", ...common, aggregates, emission, changelog: input.traits.isChangelog };
}

function emissionText(spec: WindowAggregateSpec | WindowGroupAggregateSpec): string {
  if (spec.op === "windowAggregate") return "";
  const { earlyEvery_ms, allowedLateness_us } = spec.emission;
  const early =
    earlyEvery_ms === null ? "" : earlyEvery_ms === 0 ? "  emit on update" : `  emit every ${durationText(BigInt(earlyEvery_ms) * 1_000n)}`;
  return `${early}${allowedLateness_us === 0n ? "" : `  lateness ${durationText(allowedLateness_us)}`}`;
}

type SessionPlan = OperatorPlan & { readonly spec: SessionAssignSpec };

function sessionOf(plan: StreamPlan): SessionPlan | null {
  if (plan.kind !== "operator") return null;
  const { spec } = plan;
  return spec.op === "sessionAssign" ? { ...plan, spec } : null;
}

/** Both bounds of the session at the end of the rows, whatever was asked for. */
function withBounds(below: Below, input: StreamPlan): StreamPlan {
  if (!isCalc(input)) return input;
  const width = below.base.schema.columns.length;
  const bounds = [width - 3, width - 2].map((c) => columnExpression(below.base.schema, c));
  const names = [...input.schema.columns.map((c) => c.name), "session_start", "session_end"];
  return calc(below.base, below.filter, [...input.spec.projections, ...bounds], names);
}

/**
 * Groups that are the sessions themselves, shown when they end: the accumulators are kept, not the rows. null for others. A condition
 * above SESSION must not change the sessions: it becomes each call's own filter, and a hidden count tells which sessions have a
 * row that meets it.
 */
function sessionAggregate(
  node: AggregateNode,
  below: Below,
  session: SessionPlan,
  grouping: Grouping,
  context: StreamContext,
): StreamPlan | null {
  const [shuffled] = session.inputs as [StreamPlan];
  const rows = shuffled.kind === "exchange" ? shuffled.input : shuffled;
  const width = rows.schema.columns.length;
  const groups = grouping.keys.map((k) => below.through(node.groups[k] as Expression));
  const partition = session.spec.partitionKeys.map((key) => groups.findIndex((g) => g.kind === "column" && g.index === key));
  if (partition.includes(-1)) throw partitionKeyMissing(session, context);
  const read = [...groups, ...node.calls.flatMap(expressionsOf).map(below.through), ...(below.filter === null ? [] : [below.filter])];
  const readsWindow = read.some((e) => [...columnsOf(e)].some((c) => c >= width));
  if (readsWindow || groups.length > partition.length || isRevised(context.emission)) return null;
  const columns = new ColumnList(rows);
  const ordered = [...partition, ...groups.map((_, i) => i).filter((i) => !partition.includes(i))];
  const keys = ordered.map((i) => columns.append(groups[i] as Expression, grouping.names[grouping.keys[i] as number] ?? "key"));
  const { filter } = below;
  const calls = filter === null ? node.calls : [...node.calls.map((c) => filtered(c, filter, below)), countWhere(filter)];
  const through = filter === null ? below.through : (e: Expression): Expression => e;
  const aggregates = toAggregateCalls(calls, columns, through, context);
  const timeColumn = columns.add(columnExpression(rows.schema, session.spec.timeColumn), "event_time");
  const plan = twoPhases(
    columns.calc(null),
    {
      op: "sessionAggregate",
      timeColumn,
      gap_us: session.spec.gap_us,
      partitionKeys: keys.slice(0, partition.length),
      keys,
      aggregates,
      windowColumns: grouping.roles,
      timeType: grouping.window.timeType,
    },
    describe(node, grouping, `session(gap ${durationText(session.spec.gap_us)})`, aggregates),
    grouping,
    { ...node, calls },
    context,
  );
  const places = grouping.keys.map((_, i) => ordered.indexOf(i));
  return finishAggregate(node, grouping, plan, { places, hiddenCount: filter !== null });
}

const filtered = (call: LogicalCall, filter: Expression, below: Below): LogicalCall => ({
  ...call,
  arguments: call.arguments.map(below.through),
  orders: call.orders.map((order) => ({ ...order, expression: below.through(order.expression) })),
  filter: call.filter === null ? filter : { kind: "and", arguments: [filter, below.through(call.filter)], type: filter.type },
});

const countWhere = (filter: Expression): LogicalCall => ({
  name: "count_star",
  arguments: [],
  distinct: false,
  filter,
  constants: [],
  orders: [],
  type: { id: "bigint" },
});

function partitionKeyMissing(session: SessionPlan, context: StreamContext): SqlError {
  const names = session.spec.partitionKeys.map((k) => session.schema.columns[k]?.name).join(", ");
  return new SqlError({
    sqlState: "42803",
    message: "the PARTITION BY of SESSION must appear in GROUP BY",
    hint: `GROUP BY ${names}, window_start, window_end.`,
    at: context.locate("session"),
  });
}

/** Windows of CUMULATE share their start: alone it names no window. */
function requireWholeWindow({ roles, window }: Grouping, context: StreamContext): void {
  if (window.spec.kind === "session") return;
  const shape = shapeOf(window.spec);
  const hasStart = roles.includes("window_start");
  const hasEnd = roles.some((role) => role !== "window_start");
  // Where clocks are put forward, two windows of HOP may have one bound in common.
  const isWhole = shape === "cumulate" ? hasEnd : shape === "tumble" || window.spec.kind !== "calendar" || (hasStart && hasEnd);
  if (isWhole) return;
  const hint = "GROUP BY window_start, window_end.";
  const one = hasStart ? "window_start" : "window_end";
  throw unsupported(`GROUP BY ${one} alone over ${shape.toUpperCase()}`, context.locate(one, shape), hint);
}

const describe = (node: AggregateNode, grouping: Grouping, window: string, aggregates: readonly AggregateCall[]): string => {
  const keys = grouping.keys.map((k) => node.schema.columns[k]?.name).join(", ");
  return `${window}  keys=[${keys}]  ${printCalls(node, aggregates)}`.trimEnd();
};
