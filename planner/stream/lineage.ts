import { createHash } from "node:crypto";
import { assertNever } from "../../runtime/contract/errors.ts";
import { type Expression, mapOperands } from "../../runtime/contract/expressions.ts";
import type { AggregateCall, OperatorSpec } from "../../runtime/contract/job-graph.ts";
import type { Schema } from "../../runtime/contract/types.ts";
import { isWidening } from "../../runtime/contract/widening.ts";
import { printExpression } from "../logical/print-expression.ts";
import type { OperatorPlan, StreamPlan } from "./nodes.ts";

const known = new WeakMap<StreamPlan, readonly string[]>();

/**
 * What each column of a stream is, in terms of the operators with state below it and of the columns of sources: `price`, `l.price`
 * behind a join, `price * 2`, `sum(price)`. Names that a query gives on the way do not matter, nor do columns beside it. State
 * is found again by it.
 */
export function lineageOf(plan: StreamPlan): readonly string[] {
  const found = known.get(plan) ?? trace(plan);
  known.set(plan, found);
  return found;
}

/** An expression over the stream's columns, in terms of their lineage. A cast that keeps every value does not show: types are matched apart. */
export const tracedExpression = (e: Expression, lineage: readonly string[]): string =>
  printExpression(withoutWidening(e), { columns: lineage.map((text) => ({ name: isPlain(text) ? text : `(${text})`, type: e.type })) });

const withoutWidening = (e: Expression): Expression =>
  e.kind === "cast" && isWidening(e.argument.type, e.type) ? withoutWidening(e.argument) : mapOperands(e, withoutWidening);

/** The columns of both inputs of a join. */
export const joinedLineage = (left: readonly string[], right: readonly string[]): readonly string[] => [
  ...left.map((text) => `l.${text}`),
  ...right.map((text) => `r.${text}`),
];

const plain = /^(?:[lr]\.)*[\p{L}_][\p{L}\p{N}_]*$/u;
const isPlain = (text: string): boolean => plain.test(text);

const slug_length_max = 32;

/** A name for what has this lineage: itself where it is a column, else a readable part of it and a hash of the whole. */
export function stateName(lineage: string): string {
  if (isPlain(lineage)) return lineage.replaceAll(".", "_");
  const words = lineage.replaceAll(/[^\p{L}\p{N}]+/gu, "_").slice(0, slug_length_max);
  return `${words.replaceAll(/^_+|_+$/g, "")}_${shortHash(lineage)}`;
}

export const shortHash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 6);

/** The inputs' schemas with names by lineage, as an operator's state has them. */
export const stateInputs = ({ inputs }: OperatorPlan): readonly Schema[] =>
  inputs.map((input) => {
    const lineage = lineageOf(input);
    return { columns: input.schema.columns.map(({ name, type }, i) => ({ name: stateName(lineage[i] ?? name), type })) };
  });

function trace(plan: StreamPlan): readonly string[] {
  switch (plan.kind) {
    case "exchange":
      return lineageOf(plan.input);
    case "union":
      return plan.inputs.length === 0 ? namesOf(plan) : unionOf(plan.inputs.map(lineageOf));
    case "operator":
      return outputOf(plan, plan.spec, plan.inputs.map(lineageOf));
    default:
      return assertNever(plan);
  }
}

const namesOf = ({ schema }: StreamPlan): readonly string[] => schema.columns.map((c) => c.name);

const unionOf = (all: readonly (readonly string[])[]): readonly string[] =>
  (all[0] ?? []).map((_, c) => [...new Set(all.map((one) => one[c]))].join(" | "));

/** Columns behind those of the input keep the name that the operator gives. */
const appended = (plan: OperatorPlan, input: readonly string[]): readonly string[] => [...input, ...namesOf(plan).slice(input.length)];

function outputOf(plan: OperatorPlan, spec: OperatorSpec, [left = [], right = []]: readonly (readonly string[])[]): readonly string[] {
  switch (spec.op) {
    case "calc":
      return spec.projections.map((e) => tracedExpression(e, left));
    case "windowAggregate":
      if (spec.phase === "local") return [...spec.keys.map((k) => left[k] ?? ""), ...namesOf(plan).slice(spec.keys.length)];
      return aggregateOutput(plan, spec.phase === "global" ? left.slice(0, spec.keys.length) : spec.keys.map((k) => left[k] ?? ""), spec);
    case "windowGroupAggregate":
    case "sessionAggregate":
    case "groupAggregate":
      return aggregateOutput(
        plan,
        spec.keys.map((k) => left[k] ?? ""),
        spec,
      );
    case "join":
      if (spec.kind === "mark") return appended(plan, left);
      return spec.kind === "semi" || spec.kind === "anti" ? left : joinedLineage(left, right);
    case "windowJoin":
    case "intervalJoin":
      return spec.join === "semi" || spec.join === "anti" ? left : joinedLineage(left, right);
    case "asofJoin":
    case "asofChangelogJoin":
    case "lookupJoin":
      return joinedLineage(left, right);
    case "over":
    case "windowOver":
    case "eventTimeOver":
      return [...left, ...spec.calls.map((call, i) => `${call.kind} ${i + 1}`)];
    case "rank":
    case "windowRank":
      return spec.withRank ? [...left, spec.function] : left;
    case "watermark":
    case "processingTime":
    case "temporalFilter":
    case "windowAssign":
    case "sessionAssign":
    case "setOperation":
    case "emitEvery":
    case "unnest":
      return appended(plan, left);
    case "source":
    case "values":
    case "changeEnvelope":
    case "duckdbCalc":
    case "javascriptCalc":
    case "sink":
      return namesOf(plan);
    default:
      return assertNever(spec);
  }
}

/** Keys, calls, and what else the operator appends: the bounds of the window. */
const aggregateOutput = (
  plan: OperatorPlan,
  keys: readonly string[],
  { aggregates }: { readonly aggregates: readonly AggregateCall[] },
) => [
  ...keys,
  ...aggregates.map((call) => `${call.name}${call.distinct ? " distinct" : ""}(${call.label ?? ""})`),
  ...namesOf(plan).slice(keys.length + aggregates.length),
];
