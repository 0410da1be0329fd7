import type { EventTimeOverSpec, JobEdge, JobGraph, JobVertex, OperatorNode, OperatorSpec, Ship } from "../runtime/contract/job-graph.ts";
import type { StateTableSpec } from "../runtime/contract/operator.ts";
import { retentionOf } from "../runtime/contract/over-retention.ts";
import { formatType, type Schema } from "../runtime/contract/types.ts";
import { definitionOf } from "../runtime/operators/registry.ts";
import { durationText } from "./logical/window-spec.ts";
import { tree } from "./logical/tree.ts";
import { stateInputs } from "./stream/lineage.ts";
import { handlesOf } from "./lowering/handles.ts";
import type { PlacedOperator } from "./lowering/operators.ts";
import { callsJavascript } from "./lowering/javascript-steps.ts";
import { splitCalc } from "./lowering/split-calc.ts";
import { type OperatorPlan, streamInputs, type StreamPlan, type Traits } from "./stream/nodes.ts";

/** The stream plan: what runs, with changelog mode, keys and watermark of each stream, and the state of each operator with its lifetime. */
export const printStream = (sinks: readonly OperatorPlan[]): string =>
  sinks.map((sink) => tree<StreamPlan>(sink, { lines: linesOf, inputs: streamInputs })).join("\n\n");

function linesOf(plan: StreamPlan): readonly string[] {
  const traits = traitsText(plan.traits, plan.schema);
  if (plan.kind !== "operator") return [`${streamLine(plan)}  ${traits}`.trimEnd()];
  const side = plan.side === null ? [] : [`${plan.side.tag} rows -> ${plan.side.table}`];
  return [`${plan.name}  ${plan.description}${duckdbMark(plan)}`.trimEnd(), traits, ...stateLines(plan), ...side];
}

const viaMarks: Partial<Record<OperatorSpec["op"], string>> = { duckdbCalc: "  via DuckDB", javascriptCalc: "  via JavaScript" };

/** Says that a calc leaves expressions without a kernel to DuckDB. */
function duckdbMark({ spec, inputs, schema }: OperatorPlan): string {
  const [input] = inputs;
  if (spec.op !== "calc" || input === undefined) return "";
  if ([...(spec.filter === null ? [] : [spec.filter]), ...spec.projections].some(callsJavascript)) return "  (via JavaScript)";
  return splitCalc(spec, input.schema, schema, new Map()).some((step) => step.spec.op === "duckdbCalc") ? "  (via DuckDB)" : "";
}

function streamLine(plan: Exclude<StreamPlan, OperatorPlan>): string {
  switch (plan.kind) {
    case "exchange":
      return plan.keys.length === 0 ? "Exchange single" : `Exchange hash(${columnNames(plan.keys, plan.schema)})`;
    case "union":
      return "Union all";
  }
}

const columnNames = (columns: readonly number[], schema: Schema): string =>
  columns.map((c) => schema.columns[c]?.name ?? `#${c}`).join(", ");

function traitsText(traits: Traits, schema: Schema): string {
  const keys = traits.uniqueKeys.map((key) => (key.length === 0 ? "(one row)" : `(${columnNames(key, schema)})`));
  return [
    `changelog=${traits.isChangelog ? "changelog" : "append"}`,
    ...(keys.length > 0 ? [`unique=${keys.join(" ")}`] : []),
    ...(traits.times.length > 0 ? [`watermark=${columnNames(traits.times, schema)}`] : []),
  ].join("  ");
}

function stateLines(plan: OperatorPlan): readonly string[] {
  const { spec, schema } = plan;
  const tables = definitionOf(spec).stateTables(spec, stateInputs(plan), schema);
  return tables.map((table) => {
    const column = (c: Schema["columns"][number]): string => `${c.name} ${formatType(c.type).toLowerCase()}`;
    const key = table.columns.slice(0, table.keyColumns).map(column).join(", ");
    const rest = table.columns.slice(table.keyColumns).map(column).join(", ");
    return `state: ${table.name} (${key}) -> {${rest}}  kept: ${lifetimeOf(spec, table)}`;
  });
}

/** How long rows of a state table stay. */
function lifetimeOf(spec: OperatorSpec, table: StateTableSpec): string {
  if (table.redistribution.kind === "union") return "as long as the job";
  switch (spec.op) {
    case "windowGroupAggregate":
      return spec.emission.allowedLateness_us > 0n
        ? `until the watermark is ${durationText(spec.emission.allowedLateness_us)} behind the window`
        : "until the watermark passes the window";
    case "groupAggregate":
    case "asofChangelogJoin":
    case "rank":
    case "over":
    case "setOperation":
      return untilUntouched(spec) ?? "as long as the job";
    case "join": {
      const ttl_ms = spec.ttl_ms?.[table.name === "left" ? 0 : 1] ?? null;
      return ttl_ms === null ? "as long as the job" : `${durationText(BigInt(ttl_ms) * 1_000n)} from its last change`;
    }
    case "emitEvery":
      return "until they are handed on";
    case "temporalFilter":
      return table.name === "waiting" ? "until now() comes to the row" : "until now() leaves the row behind";
    case "windowAggregate":
    case "windowJoin":
    case "windowOver":
    case "windowRank":
      return "until the watermark passes the window";
    case "intervalJoin":
      return "until the watermark says that no partner can come";
    case "lookupJoin":
      return table.name === "left" ? "until the table's snapshot was read" : "as long as the table has the row";
    case "asofJoin":
      return table.name === "left"
        ? "until the watermark passes the row"
        : either("until a newer version of the key is as old as the watermark", spec);
    case "sessionAssign":
      return spec.emission.allowedLateness_us > 0n
        ? `until the watermark is ${durationText(spec.emission.allowedLateness_us)} behind the session`
        : "until the watermark passes the session";
    case "sessionAggregate":
      return "until the watermark passes the session";
    case "eventTimeOver":
      return eventTimeLifetime(spec, table);
    default:
      return "as long as the job";
  }
}

function eventTimeLifetime(spec: EventTimeOverSpec, { name }: StateTableSpec): string {
  if (name === "waiting") return "until the watermark passes the row";
  if (name !== "answered" || retentionOf(spec.calls).all) return untilUntouched(spec) ?? "as long as the job";
  return either("as long as a frame may reach the row", spec);
}

interface MayForget {
  readonly ttl_ms?: number;
}

const untilUntouched = ({ ttl_ms }: MayForget): string | null =>
  ttl_ms === undefined ? null : `until not touched for ${durationText(BigInt(ttl_ms) * 1_000n)}`;

function either(lifetime: string, spec: MayForget): string {
  const untouched = untilUntouched(spec);
  return untouched === null ? lifetime : `${lifetime}, or ${untouched}`;
}

/** The JobGraph: vertices with their parallelism and chained operators, the state's uids, and how rows travel between them. */
export function printJob(graph: JobGraph, operators: readonly PlacedOperator[]): string {
  const handles = handlesOf(operators);
  const handleOf = new Map(operators.map((o, i) => [o.node, handles[i] ?? o.handle]));
  const numbers = new Map(graph.vertices.map((v, i) => [v.id, i + 1]));
  const vertices = graph.vertices.map((vertex) => vertexText(vertex, graph.edges, numbers, handleOf));
  return [`max parallelism ${graph.maxParallelism}`, ...vertices].join("\n");
}

function vertexText(
  vertex: JobVertex,
  edges: readonly JobEdge[],
  numbers: ReadonlyMap<string, number>,
  handleOf: ReadonlyMap<OperatorNode, string>,
): string {
  const out = edges.filter((edge) => edge.from === vertex.id);
  return [
    `${numbers.get(vertex.id)}: ${vertex.name}  parallelism=${vertex.parallelism}  slots=${vertex.slotSharingGroup}`,
    ...vertex.operators.map((node) => `   [${handleOf.get(node)}] ${operatorText(node)}  uid=${node.uid}`),
    ...out.map((edge) => `   -> ${numbers.get(edge.to)}${edge.toInput > 0 ? ` input ${edge.toInput + 1}` : ""}: ${edgeText(edge)}`),
  ].join("\n");
}

const operatorText = (node: OperatorNode): string =>
  `${node.name} (${node.output.columns.map((c) => c.name).join(", ")})${viaMarks[node.spec.op] ?? ""}`;

const edgeText = (edge: JobEdge): string =>
  `${edge.output === "main" ? "" : `${edge.output.tag} rows, `}${shipText(edge.ship, edge.schema)}`;

const shipText = (ship: Ship, schema: Schema): string => (ship.kind === "hash" ? `hash(${columnNames(ship.keys, schema)})` : ship.kind);
