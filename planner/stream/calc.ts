import { columnsOf, type Expression, mapColumns, operandsOf } from "../../runtime/contract/expressions.ts";
import type { CalcSpec } from "../../runtime/contract/job-graph.ts";
import type { Schema } from "../../runtime/contract/types.ts";
import { conjunction } from "../logical/conversion.ts";
import { printExpression } from "../logical/print-expression.ts";
import { type OperatorPlan, projectTraits, type StreamPlan } from "./nodes.ts";

export type CalcPlan = OperatorPlan & { readonly spec: CalcSpec };

export const isCalc = (plan: StreamPlan): plan is CalcPlan => plan.kind === "operator" && plan.spec.op === "calc";

export const columnExpression = (schema: Schema, index: number): Expression => ({
  kind: "column",
  index,
  type: schema.columns[index]?.type ?? { id: "integer" },
});

export const allColumns = (schema: Schema): readonly Expression[] => schema.columns.map((_, i) => columnExpression(schema, i));

/**
 * Filters, then projects. Merges with a calc below, and vanishes when it would do nothing: so chains of filters and
 * projections become one operator, and columns that nobody asks for are not computed.
 */
export function calc(
  input: StreamPlan,
  filter: Expression | null,
  projections: readonly Expression[],
  names: readonly string[],
): StreamPlan {
  if (isCalc(input) && !input.isShared && canMerge(input, filter, projections)) return merge(input, filter, projections, names);
  const schema: Schema = { columns: projections.map((e, i) => ({ name: names[i] ?? `column${i + 1}`, type: e.type })) };
  if (filter === null && isIdentity(projections, input.schema)) {
    if (schema.columns.every((c, i) => c.name === input.schema.columns[i]?.name)) return input;
    if (input.kind === "operator" && !input.isShared && input.spec.op === "calc") return { ...input, schema };
  }
  return {
    kind: "operator",
    name: "Calc",
    handle: "calc",
    spec: { op: "calc", filter, projections },
    inputs: [input],
    schema,
    traits: projectTraits(input.traits, (column) => positionsOf(column, projections)),
    description: describe(filter, projections, names, input.schema),
    side: null,
    isShared: false,
  };
}

export const filterBy = (input: StreamPlan, predicate: Expression): StreamPlan =>
  calc(input, predicate, allColumns(input.schema), namesOf(input.schema));

export const namesOf = (schema: Schema): readonly string[] => schema.columns.map((c) => c.name);

/** The columns `positions`, in that order. */
export const pick = (input: StreamPlan, positions: readonly number[], names?: readonly string[]): StreamPlan =>
  calc(
    input,
    null,
    positions.map((i) => columnExpression(input.schema, i)),
    names ?? positions.map((i) => input.schema.columns[i]?.name ?? "column"),
  );

const positionsOf = (column: number, projections: readonly Expression[]): readonly number[] =>
  projections.flatMap((e, i) => (e.kind === "column" && e.index === column ? [i] : []));

const isIdentity = (projections: readonly Expression[], over: Schema): boolean =>
  projections.length === over.columns.length && projections.every((e, i) => e.kind === "column" && e.index === i);

const volatileFunctions: ReadonlySet<string> = new Set(["random", "uuid", "gen_random_uuid", "uuidv4", "uuidv7", "nextval", "setseed"]);

export const isVolatile = (e: Expression): boolean =>
  (e.kind === "call" && (volatileFunctions.has(e.name) || (e.lambda !== undefined && isVolatile(e.lambda.body)))) ||
  operandsOf(e).some(isVolatile);

/** Substitution may double an expression at each step; beyond this the calcs stay two. */
const mergedNodes_max = 2_000;

export const sizeOf = (e: Expression): number => operandsOf(e).reduce((sum, operand) => sum + sizeOf(operand), 1);

/** A volatile value must be computed once per row, whoever reads it. */
function canMerge(below: CalcPlan, filter: Expression | null, projections: readonly Expression[]): boolean {
  const outer = filter === null ? projections : [filter, ...projections];
  const read = new Set<number>();
  for (const e of outer) columnsOf(e, read);
  if ([...read].some((i) => isVolatile(below.spec.projections[i] as Expression))) return false;
  const substituted = outer.reduce((sum, e) => sum + sizeOf(mapColumns(e, (c) => below.spec.projections[c.index] as Expression)), 0);
  return substituted <= mergedNodes_max;
}

function merge(below: CalcPlan, filter: Expression | null, projections: readonly Expression[], names: readonly string[]): StreamPlan {
  const [input] = below.inputs as [StreamPlan];
  const through = (e: Expression): Expression => mapColumns(e, (c) => below.spec.projections[c.index] as Expression);
  const filters = [below.spec.filter, filter === null ? null : through(filter)].filter((f) => f !== null);
  return calc(input, conjunction(filters), projections.map(through), names);
}

function describe(filter: Expression | null, projections: readonly Expression[], names: readonly string[], over: Schema): string {
  const list = projections.map((e, i) => {
    const text = printExpression(e, over);
    return text === names[i] ? text : `${text} as ${names[i]}`;
  });
  return `${list.join(", ")}${filter === null ? "" : ` where ${printExpression(filter, over)}`}`;
}
