import { columnsOf, type Expression, mapColumns } from "../../runtime/contract/expressions.ts";
import type { JavascriptCalcSpec, JavascriptFunction } from "../../runtime/contract/javascript.ts";
import type { CalcSpec, DuckdbCalcSpec } from "../../runtime/contract/job-graph.ts";
import type { Schema } from "../../runtime/contract/types.ts";
import { canCompile } from "../../runtime/functions/registry.ts";
import { conjunction } from "../logical/conversion.ts";
import { javascriptSteps } from "./javascript-steps.ts";
import { columnExpression } from "../stream/calc.ts";

export interface CalcStep {
  readonly spec: CalcSpec | DuckdbCalcSpec | JavascriptCalcSpec;
  readonly output: Schema;
}

/**
 * A calc as steps that each run in one way: what has no kernel goes through DuckDB (design D10), everything else stays
 * compiled. At most three: the conditions that have kernels, DuckDB's part, the compiled projections of the rows that remain.
 */
export function splitCalc(
  spec: CalcSpec,
  input: Schema,
  output: Schema,
  functions: ReadonlyMap<string, JavascriptFunction>,
): readonly CalcStep[] {
  const cut = javascriptSteps(spec, input, functions);
  if (cut === null) return splitForeign(spec, input, output);
  const before = splitForeign(cut.before.spec, input, cut.before.output);
  return [...before, cut.calls, ...splitCalc(cut.after, cut.calls.output, output, functions)];
}

/** Of a calc that calls no function in JavaScript. */
function splitForeign(spec: CalcSpec, input: Schema, output: Schema): readonly CalcStep[] {
  const conditions = spec.filter === null ? [] : spec.filter.kind === "and" ? spec.filter.arguments : [spec.filter];
  const compiled = conditions.filter(canCompile);
  const foreign = conditions.filter((c) => !canCompile(c));
  if (foreign.length === 0 && spec.projections.every(canCompile)) return [{ spec, output }];
  const before = compiled.length === 0 ? { steps: [], kept: input, at: new Map<number, number>() } : narrow(compiled, foreign, spec, input);
  const placed = (e: Expression): Expression => mapColumns(e, (c) => ({ ...c, index: before.at.get(c.index) ?? c.index }));
  const filter = conjunction(foreign.map(placed));
  const projections = spec.projections.map(placed);
  const isPassed = (e: Expression): boolean => !canCompile(e) || e.kind === "column";
  if (projections.every(isPassed)) return [...before.steps, { spec: { op: "duckdbCalc", filter, projections }, output }];
  return [...before.steps, ...throughDuckdb(filter, projections, before.kept, output)];
}

interface Narrowed {
  readonly steps: readonly CalcStep[];
  readonly kept: Schema;
  /** Where a column of the input stands behind the step. */
  readonly at: ReadonlyMap<number, number>;
}

/** Applies the compiled conditions first, and passes on only the columns that the rest reads. */
function narrow(compiled: readonly Expression[], foreign: readonly Expression[], spec: CalcSpec, input: Schema): Narrowed {
  const read = new Set<number>();
  for (const e of [...foreign, ...spec.projections]) columnsOf(e, read);
  const columns = [...read].sort((a, b) => a - b);
  const kept: Schema = { columns: columns.flatMap((c) => input.columns[c] ?? []) };
  const step: CalcStep = {
    spec: { op: "calc", filter: conjunction(compiled), projections: columns.map((c) => columnExpression(input, c)) },
    output: kept,
  };
  return { steps: [step], kept, at: new Map(columns.map((c, i) => [c, i])) };
}

/** DuckDB filters and computes what only it can; the columns that compiled projections read go along. */
function throughDuckdb(filter: Expression | null, projections: readonly Expression[], input: Schema, output: Schema): readonly CalcStep[] {
  const read = new Set<number>();
  for (const e of projections.filter(canCompile)) columnsOf(e, read);
  const passed = [...read].sort((a, b) => a - b);
  const foreign = projections.flatMap((e, i) => (canCompile(e) ? [] : [{ e, name: output.columns[i]?.name ?? "column" }]));
  const middle: Schema = {
    columns: [...passed.flatMap((c) => input.columns[c] ?? []), ...foreign.map(({ e, name }) => ({ name, type: e.type }))],
  };
  const place = new Map(passed.map((c, i) => [c, i]));
  const after = projections.map(
    (e): Expression =>
      canCompile(e)
        ? mapColumns(e, (c) => ({ ...c, index: place.get(c.index) ?? -1 }))
        : columnExpression(middle, passed.length + foreign.findIndex((f) => f.e === e)),
  );
  return [
    {
      spec: { op: "duckdbCalc", filter, projections: [...passed.map((c) => columnExpression(input, c)), ...foreign.map((f) => f.e)] },
      output: middle,
    },
    { spec: { op: "calc", filter: null, projections: after }, output },
  ];
}
