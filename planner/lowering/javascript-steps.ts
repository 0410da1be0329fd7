import { type Expression, mapOperands, operandsOf } from "../../runtime/contract/expressions.ts";
import { type JavascriptCalcSpec, type JavascriptFunction, markerPrefix } from "../../runtime/contract/javascript.ts";
import type { CalcSpec } from "../../runtime/contract/job-graph.ts";
import type { Schema } from "../../runtime/contract/types.ts";
import { conjunction } from "../logical/conversion.ts";
import { columnExpression } from "../stream/calc.ts";

type Call = Extract<Expression, { readonly kind: "call" }>;
const isJavascript = (e: Expression): e is Call => e.kind === "call" && e.name.startsWith(markerPrefix);

/** Whether a function of a user, written in JavaScript, is called somewhere within. */
export const callsJavascript = (e: Expression): boolean => isJavascript(e) || operandsOf(e).some(callsJavascript);

/** A calc cut in three: what the functions are given, the functions, and the calc over their results. */
export interface JavascriptSteps {
  readonly before: { readonly spec: CalcSpec; readonly output: Schema };
  readonly calls: { readonly spec: JavascriptCalcSpec; readonly output: Schema };
  readonly after: CalcSpec;
}

/**
 * Takes the innermost calls out of a calc; null when there are none. Conditions that need no call come first. A call within CASE is
 * computed for every row.
 */
export function javascriptSteps(spec: CalcSpec, input: Schema, functions: ReadonlyMap<string, JavascriptFunction>): JavascriptSteps | null {
  const conditions = spec.filter === null ? [] : spec.filter.kind === "and" ? spec.filter.arguments : [spec.filter];
  const early = conditions.filter((c) => !callsJavascript(c));
  const late = conditions.filter(callsJavascript);
  const calls: Call[] = [];
  for (const e of [...late, ...spec.projections]) collect(e, calls);
  if (calls.length === 0) return null;
  const width = input.columns.length;
  const args = calls.flatMap((call) => call.arguments);
  const given: Schema = {
    columns: [...input.columns, ...args.map((a, i) => ({ name: `argument${i + 1}`, type: a.type }))],
  };
  let at = width;
  const applied = calls.map((call) => {
    const definition = functions.get(call.name);
    if (definition === undefined) throw new Error(`invariant: ${call.name} is a function of the catalog`);
    return { function: definition, arguments: call.arguments.map(() => at++) };
  });
  const output: Schema = { columns: [...given.columns, ...calls.map((call, i) => ({ name: `result${i + 1}`, type: call.type }))] };
  const replaced = (e: Expression): Expression => {
    const call = isJavascript(e) ? calls.indexOf(e) : -1;
    return call >= 0 ? columnExpression(output, given.columns.length + call) : mapOperands(e, replaced);
  };
  return {
    before: {
      spec: { op: "calc", filter: conjunction(early), projections: [...input.columns.map((_, i) => columnExpression(input, i)), ...args] },
      output: given,
    },
    calls: { spec: { op: "javascriptCalc", calls: applied }, output },
    after: { op: "calc", filter: conjunction(late.map(replaced)), projections: spec.projections.map(replaced) },
  };
}

/** Calls whose arguments hold no call. */
function collect(e: Expression, into: Call[]): void {
  if (isJavascript(e) && !e.arguments.some(callsJavascript)) into.push(e);
  else for (const operand of operandsOf(e)) collect(operand, into);
}
