import { isRevised } from "../../runtime/contract/job-graph.ts";
import { assert } from "../../runtime/contract/errors.ts";
import type { LogicalKind, LogicalPlan } from "../logical/nodes.ts";
import { conjunction } from "../logical/conversion.ts";
import { unsupported } from "../logical/refuse.ts";
import { countReaders } from "../logical/tree.ts";
import { inputsOf } from "../logical/nodes.ts";
import { durationText, inZone, shapeOf, windowText } from "../logical/window-spec.ts";
import { calc, isVolatile, namesOf } from "./calc.ts";
import { asofJoin } from "./asof-join.ts";
import type { StreamContext } from "./context.ts";
import { exchange } from "./exchange.ts";
import { groupAggregate } from "./group-aggregate.ts";
import { groupingOf } from "./grouping.ts";
import { join } from "./join.ts";
import { appendOnly, type OperatorPlan, streamInputs, type StreamPlan, type WindowIdentity } from "./nodes.ts";
import { setOperation } from "./set-operation.ts";
import { unnest } from "./unnest.ts";
import { values } from "./values.ts";
import { overPlan } from "./over.ts";
import { rankPlan } from "./rank.ts";
import { filter, readsNow, refuseUnrepeatable } from "./temporal-filter.ts";
import { windowAggregate } from "./window-aggregate.ts";
import { appendedWindows, requireTime } from "./window-columns.ts";

type Of<K extends LogicalKind> = Extract<LogicalPlan, { readonly kind: K }>;
type Build<K extends LogicalKind> = (node: Of<K>, inputs: readonly StreamPlan[], context: StreamContext) => StreamPlan;

const builders = {
  scan: (node, _, context) => {
    const bound = context.sources.get(node.source.name);
    assert(bound !== undefined, "the sources of a query are bound before it is planned");
    return context.readers.scan(node, bound);
  },
  filter: (node, [input], context) => filter(input as StreamPlan, node.predicate, context),
  project: (node, [input]) => calc(input as StreamPlan, null, node.expressions, namesOf(node.schema)),
  window: (node, [input], context) => windowAssign(node, input as StreamPlan, context),
  session: (node, [input], context) => sessions(node, input as StreamPlan, context),
  aggregate: (node, [input], context) => {
    const grouping = groupingOf(node, input as StreamPlan);
    return grouping === null
      ? groupAggregate(node, input as StreamPlan, context)
      : windowAggregate(node, input as StreamPlan, grouping, context);
  },
  join: (node, [left, right], context) => join(node, left as StreamPlan, right as StreamPlan, context),
  rank: (node, [input], context) => rankPlan(node, input as StreamPlan, context),
  over: (node, [input], context) => overPlan(node, input as StreamPlan, context),
  asof: (node, [left, right], context) => asofJoin(node, left as StreamPlan, right as StreamPlan, context),
  union: (node, inputs) => unionAll(node, inputs),
  setOperation: (node, [left, right], context) => setOperation(node, left as StreamPlan, right as StreamPlan, context),
  unnest: (node, [input]) => unnest(node, input as StreamPlan),
  values: (node) => values(node),
} as const satisfies { readonly [K in LogicalKind]: Build<K> };

/** The stream plan of a query. A logical node that several read stays one. Throws SqlError for what cannot run as a stream. */
export function toStream(root: LogicalPlan, context: StreamContext): StreamPlan {
  const readers = countReaders(root, { inputs: inputsOf });
  const done = new Map<LogicalPlan, StreamPlan>();
  const convert = (asked: LogicalPlan): StreamPlan => {
    const known = done.get(asked);
    if (known !== undefined) return known;
    const node = withFiltersBelow(asked, (below) => readers.get(below) === 1);
    const inputs = inputsOf(node).map(convert);
    const built = (builders[node.kind] as Build<LogicalKind>)(node, inputs, context);
    const plan = (readers.get(asked) ?? 0) > 1 && built.kind === "operator" && !built.isShared ? { ...built, isShared: true } : built;
    done.set(asked, plan);
    return plan;
  };
  const plan = convert(root);
  refuseUnrepeatables(plan, context);
  return plan;
}

/** Filters that follow each other are one: then conditions on now() share an operator. */
function withFiltersBelow(node: LogicalPlan, isOwn: (below: LogicalPlan) => boolean): LogicalPlan {
  if (node.kind !== "filter" || node.input.kind !== "filter" || !isOwn(node.input)) return node;
  const { input, predicate } = node.input;
  return withFiltersBelow({ ...node, input, predicate: conjunction([predicate, node.predicate]) ?? predicate }, isOwn);
}

function windowAssign(node: Of<"window">, input: StreamPlan, context: StreamContext): OperatorPlan {
  requireTime(input, node.timeColumn, shapeOf(node.window), context.locate);
  const width = input.schema.columns.length;
  const timeType = node.schema.columns[width]?.type ?? { id: "timestamp" };
  const spec = inZone(node.window, context.timeZone, timeType);
  const window: WindowIdentity = { spec, timeType };
  return {
    kind: "operator",
    name: "WindowAssign",
    handle: "assign",
    spec: { op: "windowAssign", timeColumn: node.timeColumn, window: spec },
    inputs: [input],
    schema: node.schema,
    traits: {
      ...input.traits,
      uniqueKeys: input.traits.uniqueKeys.map((key) => [...key, width + 1]),
      times: [...input.traits.times, width + 2],
      windows: new Map([...input.traits.windows, ...appendedWindows(width, window)]),
    },
    description: `${windowText(spec)} on ${input.schema.columns[node.timeColumn]?.name}`,
    side: null,
    isShared: false,
  };
}

function sessions(node: Of<"session">, input: StreamPlan, context: StreamContext): OperatorPlan {
  requireTime(input, node.timeColumn, "session", context.locate);
  if (input.traits.isChangelog) throw unsupported("SESSION over a changelog", context.locate("session"));
  const { gap_us, partitionKeys, timeColumn } = node;
  const width = input.schema.columns.length;
  const timeType = node.schema.columns[width]?.type ?? { id: "timestamp" };
  const window: WindowIdentity = { spec: { kind: "session", gap_us }, timeType };
  const keys = partitionKeys.map((k) => input.schema.columns[k]?.name).join(", ");
  return {
    kind: "operator",
    name: "SessionAssign",
    handle: "assign",
    spec: { op: "sessionAssign", timeColumn, gap_us, partitionKeys, timeType, emission: context.emission },
    inputs: [exchange(input, partitionKeys)],
    schema: node.schema,
    traits: {
      isChangelog: isRevised(context.emission),
      windows: appendedWindows(width, window),
      uniqueKeys: [],
      // A row leaves when the watermark has passed its own time.
      times: [width + 2],
      distribution: partitionKeys.length === 0 ? { kind: "single" } : { kind: "hash", keys: partitionKeys },
    },
    description: `session(gap ${durationText(gap_us)}) on ${input.schema.columns[timeColumn]?.name}${keys === "" ? "" : ` per ${keys}`}`,
    side: context.lateRows === null ? null : { tag: "late", table: context.lateRows.table },
    isShared: false,
  };
}

/** What holds for every input holds for the union. */
function unionAll(node: Of<"union">, inputs: readonly StreamPlan[]): StreamPlan {
  const [first, ...others] = inputs.flatMap((input) => (input.kind === "union" ? input.inputs : [input]));
  if (first === undefined || others.length === 0) return inputs[0] as StreamPlan;
  const times = first.traits.times.filter((t) => others.every((o) => o.traits.times.includes(t)));
  const windows = new Map(
    [...first.traits.windows].filter(([column, w]) =>
      others.every((o) => {
        const other = o.traits.windows.get(column);
        return other?.role === w.role && sameWindow(other.window, w.window);
      }),
    ),
  );
  const isChangelog = [first, ...others].some((o) => o.traits.isChangelog);
  return { kind: "union", inputs: [first, ...others], schema: node.schema, traits: { ...appendOnly, isChangelog, times, windows } };
}

const sameWindow = (a: WindowIdentity, b: WindowIdentity): boolean =>
  a === b ||
  (a.spec.kind !== "session" && b.spec.kind !== "session" && windowText(a.spec) === windowText(b.spec) && a.timeType.id === b.timeType.id);

function refuseUnrepeatables(root: StreamPlan, context: StreamContext): void {
  const seen = new Set<StreamPlan>();
  const visit = (plan: StreamPlan): void => {
    if (seen.has(plan)) return;
    seen.add(plan);
    refuseUnrepeatable(plan, (e) => readsNow(e) || isVolatile(e), context);
    for (const input of streamInputs(plan)) visit(input);
  };
  visit(root);
}
