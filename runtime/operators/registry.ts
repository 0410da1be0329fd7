import type { OperatorSpec } from "../contract/job-graph.ts";
import type { OperatorDefinition } from "../contract/operator.ts";
import { calc } from "./calc.ts";
import { duckdbCalc } from "./duckdb-calc.ts";
import { watermark } from "./watermark.ts";
import { windowAggregate } from "./window-aggregate.ts";
import { windowAssign } from "./window-assign.ts";

type Definitions = { readonly [O in OperatorSpec["op"]]: OperatorDefinition<Extract<OperatorSpec, { readonly op: O }>> };

/** Every operator that a job graph can name: one line each. */
export const operators: Partial<Definitions> = {
  calc,
  duckdbCalc,
  watermark,
  windowAggregate,
  windowAssign,
};

/** The definition behind a spec. */
export function definitionOf<S extends OperatorSpec>(spec: S): OperatorDefinition<S> {
  const definition = operators[spec.op];
  if (definition === undefined) throw new Error(`invariant: no operator ${spec.op} in the registry`);
  return definition as unknown as OperatorDefinition<S>;
}
