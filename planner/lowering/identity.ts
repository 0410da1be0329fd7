import { assert, assertNever } from "../../runtime/contract/errors.ts";
import type { Expression } from "../../runtime/contract/expressions.ts";
import type { AggregateCall, Emission, WindowAggregateSpec } from "../../runtime/contract/job-graph.ts";
import type { OverCall, SortKey } from "../../runtime/contract/ordering.ts";
import { windowText } from "../logical/window-spec.ts";
import { joinedLineage, lineageOf, tracedExpression } from "../stream/lineage.ts";
import type { OperatorPlan, StreamPlan } from "../stream/nodes.ts";
import { valuesText } from "../logical/print.ts";

/**
 * What makes an operator the same in a changed query, beside what lies below it: its kind, its keys, what its state is laid out by.
 * Aggregates and columns beside the keys are no part of it. `name`: the readable part of the uid.
 */
export interface Identity {
  readonly name: string;
  readonly parts: readonly string[];
}

/** null: nothing that state or rows depend on; what is below counts. */
export function identityOf(plan: OperatorPlan): Identity | null {
  const { spec } = plan;
  const [left = [], right = []] = plan.inputs.map(lineageOf);
  const leftOf = (columns: readonly number[]): readonly string[] => columns.map((c) => left[c] ?? "");
  const rightOf = (columns: readonly number[]): readonly string[] => columns.map((c) => right[c] ?? "");
  switch (spec.op) {
    case "source":
      return { name: spec.source, parts: [spec.source] };
    case "values":
      return { name: "", parts: [valuesText(spec.content)] };
    case "sink":
      return sinkIdentity(plan, spec);
    case "calc":
    case "duckdbCalc":
    case "javascriptCalc":
    case "watermark":
    case "processingTime":
    case "changeEnvelope":
      return null;
    case "windowAssign":
      return { name: "", parts: [windowText(spec.window), ...leftOf([spec.timeColumn])] };
    case "unnest":
      return { name: "", parts: [...leftOf(spec.lists), `${spec.outer}`] };
    case "windowAggregate":
      return spec.phase === "global" ? identityOf(localPhaseOf(plan)) : windowIdentity(spec, left);
    case "windowGroupAggregate": {
      const window = spec.window.kind === "attached" ? "attached" : windowText(spec.window);
      return keyed(leftOf(spec.keys), window, ...leftOf([spec.timeColumn]), isDelayed(spec.emission) ? "pending" : "");
    }
    case "sessionAggregate":
      return keyed(leftOf(spec.keys), `session ${spec.gap_us}`, ...leftOf([spec.timeColumn]), "per", ...leftOf(spec.partitionKeys));
    case "sessionAssign":
      return keyed(leftOf(spec.partitionKeys), `session ${spec.gap_us}`, ...leftOf([spec.timeColumn]));
    case "groupAggregate":
      return keyed(leftOf(spec.keys));
    case "join":
      return joinIdentity(spec, left, right, [
        spec.kind,
        `${spec.leftChangelog}`,
        `${spec.rightChangelog}`,
        ...spec.nullsMatch.map(String),
      ]);
    case "windowJoin":
      return joinIdentity(spec, left, right, [spec.join]);
    case "intervalJoin": {
      const bounds = [...leftOf([spec.leftTime]), ...rightOf([spec.rightTime]), `${spec.lower_us} .. ${spec.upper_us}`];
      return joinIdentity(spec, left, right, [spec.join, ...bounds, ...spec.nullSafe.map(String)]);
    }
    case "asofJoin": {
      const times = [...leftOf([spec.leftTime]), ...rightOf([spec.rightTime]), `${spec.strict}`];
      return joinIdentity(spec, left, right, [spec.join, ...times, ...spec.nullSafe.map(String)]);
    }
    case "asofChangelogJoin": {
      const times = [...leftOf([spec.leftTime]), spec.comparison, ...rightOf([spec.rightTime])];
      const changes = [`${spec.leftChangelog}`, `${spec.rightChangelog}`];
      return joinIdentity(spec, left, right, [spec.join, ...times, ...changes, ...spec.nullSafe.map(String)]);
    }
    case "lookupJoin":
      return joinIdentity(spec, left, right, [spec.join, ...spec.nullSafe.map(String)]);
    case "setOperation":
      return { name: spec.operation, parts: [spec.operation, `${spec.all}`, `${spec.changelog}`, ...left] };
    case "emitEvery":
      return { name: "emit", parts: ["emit", `${spec.changelog}`, ...leftOf(spec.keys), ...left] };
    case "temporalFilter": {
      const bounds = spec.bounds.map((b) => `${left[b.column]} ${b.operator} ${JSON.stringify(b.steps, bigints)}`);
      return keyed(leftOf(spec.keys), `${spec.changelog}`, ...bounds);
    }
    case "rank":
    case "windowRank": {
      const range = [spec.function, `${spec.from}..${spec.to}`, `${spec.withRank}`, spec.op === "rank" ? `${spec.changelog}` : ""];
      return keyed(leftOf(spec.partition), ...range, ...spec.order.map(sortText(left)));
    }
    case "over":
    case "windowOver":
    case "eventTimeOver":
      return keyed(leftOf(spec.partition), ...spec.order.map(sortText(left)), ...spec.calls.map(callText(left)));
    default:
      return assertNever(spec);
  }
}

/** Early results at intervals: groups wait for theirs in a state table of their own. */
const isDelayed = ({ earlyEvery_ms }: Emission): boolean => earlyEvery_ms !== null && earlyEvery_ms > 0;

/** The window aggregate in front of the exchange, whose state the phase behind it keeps. */
export function localPhaseOf(plan: OperatorPlan): OperatorPlan {
  const [input] = plan.inputs;
  const local = input?.kind === "exchange" ? input.input : input;
  assert(local?.kind === "operator" && local.spec.op === "windowAggregate", "a global phase has a local one");
  return local;
}

const keyed = (keys: readonly string[], ...parts: readonly string[]): Identity => ({
  name: keys.join(" "),
  parts: ["by", ...keys, ...parts],
});

function windowIdentity({ window, keys, timeColumn }: WindowAggregateSpec, input: readonly string[]): Identity {
  const text = window.kind === "attached" ? "attached" : windowText(window);
  const names = keys.map((k) => input[k] ?? "");
  return keyed(names, text, input[timeColumn] ?? "");
}

interface JoinKeys {
  readonly leftKeys: readonly number[];
  readonly rightKeys: readonly number[];
  readonly residual: Expression | null;
}

function joinIdentity(spec: JoinKeys, left: readonly string[], right: readonly string[], parts: readonly string[]): Identity {
  const keys = spec.leftKeys.map((k) => left[k] ?? "");
  const others = spec.rightKeys.map((k) => right[k] ?? "");
  const residual = spec.residual === null ? "" : tracedExpression(spec.residual, joinedLineage(left, right));
  return keyed(keys, "=", ...others, residual, ...parts);
}

/** A job may be renamed, and so its result's sink; other tables and sinks may not. */
function sinkIdentity({ inputs }: OperatorPlan, { connector, sink }: { readonly connector: string; readonly sink: string }): Identity {
  const isSide = inputs.some((input: StreamPlan) => input.kind === "union" && input.inputs.length === 0);
  const name = connector === "result" && !isSide ? "" : sink;
  return { name, parts: [name] };
}

const sortText =
  (input: readonly string[]) =>
  ({ column, descending, nullsFirst }: SortKey): string =>
    `${input[column]} ${descending ? "desc" : "asc"} ${nullsFirst ? "first" : "last"}`;

const columnProperties: ReadonlySet<string> = new Set(["value", "fallback", "nth", "buckets", "column"]);

/** An OVER call, its columns by lineage. */
const callText =
  (input: readonly string[]) =>
  (call: OverCall): string =>
    JSON.stringify(call, (key, value: unknown) => {
      if (key === "call") return aggregateText(value as AggregateCall, input);
      return typeof value === "number" && columnProperties.has(key) ? (input[value] ?? value) : bigints(key, value);
    });

const aggregateText = (call: AggregateCall, input: readonly string[]): string =>
  `${call.name} ${call.distinct} ${call.arguments.map((a) => input[a]).join(", ")} ${call.filter === null ? "" : input[call.filter]} ${call.label ?? ""}`;

const bigints = (_key: string, value: unknown): unknown => (typeof value === "bigint" ? `${value}` : value);
