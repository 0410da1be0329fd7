import type { Batch, StructColumn } from "../contract/batch.ts";
import { batch_rows_target } from "../contract/batch.ts";
import type { ChangeEnvelopeSpec } from "../contract/job-graph.ts";
import type { Operator, OperatorContext, OperatorDefinition, Output, Watermark } from "../contract/operator.ts";
import { columnOf } from "../contract/rows.ts";
import { type Schema, varchar } from "../contract/types.ts";
import { BatchBuilder } from "../exchange/batch-builder.ts";
import { type Change, pairChanges } from "./pair-changes.ts";
import { netRows } from "./net-rows.ts";

const netting_rows_min = 65_536;

/** Keeps the changes since the last barrier, nets them per row, and emits one change per key in the form of the sink's mode. */
class ChangeEnvelope implements Operator {
  readonly #spec: ChangeEnvelopeSpec;
  readonly #schema: Schema;
  readonly #output: Output;
  #kept: BatchBuilder;
  #netAt_rows = netting_rows_min;

  constructor(spec: ChangeEnvelopeSpec, context: OperatorContext, output: Output) {
    this.#spec = spec;
    this.#schema = context.inputs[0] ?? { columns: [] };
    this.#output = output;
    this.#kept = new BatchBuilder(this.#schema);
  }

  batch(batch: Batch): void {
    this.#kept.append(batch, { selection: null, from: 0, to: batch.rows });
    if (this.#kept.rows >= this.#netAt_rows) this.#net();
  }

  watermark(watermark: Watermark): void {
    this.#output.watermark(watermark);
  }

  prepareBarrier(): void {
    this.#emit();
  }

  finish(): void {
    this.#emit();
  }

  #net(): void {
    const netted = netRows(this.#schema, this.#kept.build());
    if (netted !== null) this.#kept = netted;
    this.#netAt_rows = Math.max(netting_rows_min, 2 * this.#kept.rows);
  }

  #emit(): void {
    if (this.#kept.rows === 0) return;
    this.#net();
    const batch = this.#kept.build();
    const changes = pairChanges(this.#schema, batch, this.#spec.key);
    for (let from = 0; from < changes.length; from += batch_rows_target) {
      this.#output.batch(this.#envelope(batch, changes.slice(from, from + batch_rows_target)));
    }
    this.#kept = new BatchBuilder(this.#schema);
    this.#netAt_rows = netting_rows_min;
  }

  #envelope(batch: Batch, changes: readonly Change[]): Batch {
    const before = structOf(
      this.#schema,
      batch,
      changes.map((change) => change.before),
    );
    const after = structOf(
      this.#schema,
      batch,
      changes.map((change) => change.after),
    );
    if (this.#spec.mode === "debezium") {
      const ops = columnOf(varchar, changes.map(opOf));
      return { rows: changes.length, columns: [before, after, ops], weights: null };
    }
    const whole = structOf(
      this.#schema,
      batch,
      changes.map((change) => change.after ?? change.before),
    );
    const key = { ...whole, fields: (this.#spec.key ?? []).flatMap((c) => whole.fields[c] ?? []) };
    return { rows: changes.length, columns: [key, after], weights: null };
  }
}

/** The rows as values of a struct; null where there is no row. */
function structOf(schema: Schema, batch: Batch, rows: readonly (number | null)[]): StructColumn {
  const builder = new BatchBuilder(schema);
  builder.append({ ...batch, weights: null }, { selection: Int32Array.from(rows, (row) => row ?? 0), from: 0, to: rows.length });
  const validity = rows.includes(null) ? Uint8Array.from(rows, (row) => (row === null ? 0 : 1)) : null;
  return { phys: "struct", fields: builder.build().columns, validity };
}

const opOf = ({ before, after }: Change): string => (before === null ? "c" : after === null ? "d" : "u");

export const changeEnvelope: OperatorDefinition<ChangeEnvelopeSpec> = {
  op: "changeEnvelope",
  doc: "Turns the changes between two checkpoints into one record per key, as the mode of a sink asks: upsert or debezium.",
  stateTables: () => [],
  create: (spec, context, output) => new ChangeEnvelope(spec, context, output),
};
