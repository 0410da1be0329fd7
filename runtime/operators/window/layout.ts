import type { WindowAggregateSpec } from "../../contract/job-graph.ts";
import type { Field, Schema, SqlType } from "../../contract/types.ts";
import { bigint } from "../../contract/types.ts";
import { accumulatorSchema } from "../../functions/aggregate/registry.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import { AggregateLayout } from "../../state/aggregate-table.ts";

const rows_bytes = 8;

/** The key columns of the operator's state: the spec's keys, and the attached window's start, which tells windows of one end apart. */
export function keyFields(spec: WindowAggregateSpec, input: Schema): readonly Field[] {
  const column = (c: number): Field => input.columns[c] as Field;
  const keys = spec.phase === "global" ? input.columns.slice(0, spec.keys.length) : spec.keys.map(column);
  if (spec.window.kind !== "attached") return keys;
  return [...keys, { name: "window_start", type: spec.timeType }];
}

/** Behind the keys: what local phases send and checkpoints hold of a group. */
export const accumulatorColumns = (spec: WindowAggregateSpec): readonly Field[] => [
  ...accumulatorSchema(spec.aggregates),
  { name: "rows", type: bigint },
];

/** Packed rows of slices: keys, accumulators, and the number of input rows (a group whose rows are all retracted is no group). */
export class SliceLayout extends AggregateLayout {
  constructor(spec: WindowAggregateSpec, input: Schema) {
    super(
      keyFields(spec, input).map((field): SqlType => field.type),
      spec.aggregates,
      rows_bytes,
    );
  }

  /** Counts each row of a batch, by its weight (0: once). */
  countRows(rows: Pointer, count: number, weights: Pointer): void {
    kernels().run.addCount(rows, count, this.extraOffset, 0, weights);
  }

  override mergeRows(into: Pointer, from: Pointer, count: number): void {
    super.mergeRows(into, from, count);
    const counts = kernels().staging.bytes(count * 8);
    kernels().run.gather64(from, count, this.extraOffset, counts);
    this.addRowCounts(into, count, counts);
  }

  /** Adds counts of rows. */
  addRowCounts(rows: Pointer, count: number, counts: Pointer): void {
    kernels().run.addCounters(rows, count, this.extraOffset, counts);
  }
}
