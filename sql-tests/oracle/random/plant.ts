import type { Batch } from "../../../runtime/contract/batch.ts";
import type { OperatorSpec } from "../../../runtime/contract/job-graph.ts";
import type { Operator, OperatorDefinition, Output } from "../../../runtime/contract/operator.ts";
import type { Schema } from "../../../runtime/contract/types.ts";
import { BatchBuilder } from "../../../runtime/exchange/batch-builder.ts";
import type { DefinitionOf } from "../../runner/in-thread/task.ts";
import { registryOperators } from "./run-case.ts";

/** What a planted operator does wrong. */
export const faults = ["keeps what it should take back", "forgets rows with a NULL", "loses its state at a restore"] as const;
export type Fault = (typeof faults)[number];

/** The registry with one fault in one operator. */
export function planted(op: OperatorSpec["op"], fault: Fault): DefinitionOf {
  return <S extends OperatorSpec>(spec: S): OperatorDefinition<S> => {
    const definition = registryOperators(spec);
    return spec.op === op
      ? { ...definition, create: (own, context, output) => faulty(fault, definition, [own, context, output]) }
      : definition;
  };
}

function faulty<S extends OperatorSpec>(
  fault: Fault,
  definition: OperatorDefinition<S>,
  [spec, context, output]: Parameters<OperatorDefinition<S>["create"]>,
): Operator {
  if (fault === "keeps what it should take back") return definition.create(spec, context, withoutRetractions(output, context.output));
  const operator = definition.create(spec, context, output);
  if (fault === "forgets rows with a NULL") {
    const take = operator.batch.bind(operator);
    operator.batch = (batch, input) => take(withoutNulls(context.inputs[input] as Schema, batch), input);
  } else {
    const snapshot = operator.snapshot?.bind(operator);
    if (snapshot !== undefined) operator.snapshot = (checkpoint) => ({ ...snapshot(checkpoint), deltas: [] });
  }
  return operator;
}

const withoutRetractions = (output: Output, schema: Schema): Output => ({
  batch: (batch) => output.batch(picked(schema, batch, (row) => batch.weights === null || (batch.weights[row] as number) > 0)),
  watermark: (watermark) => output.watermark(watermark),
  idle: (idle) => output.idle(idle),
});

const withoutNulls = (schema: Schema, batch: Batch): Batch =>
  picked(schema, batch, (row) => batch.columns.every(({ validity }) => validity === null || validity[row] === 1));

function picked(schema: Schema, batch: Batch, keeps: (row: number) => boolean): Batch {
  const selection = Int32Array.from(Array.from({ length: batch.rows }, (_, row) => row).filter(keeps));
  const builder = new BatchBuilder(schema);
  builder.append(batch, { selection, from: 0, to: selection.length });
  return builder.build();
}
