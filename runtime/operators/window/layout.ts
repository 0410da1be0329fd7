import type { WindowAggregateSpec } from "../../contract/job-graph.ts";
import type { Field, Schema, SqlType } from "../../contract/types.ts";
import { bigint } from "../../contract/types.ts";
import { accumulatorSchema } from "../../functions/aggregate/registry.ts";
import { negated } from "../../functions/aggregate/row-words.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import { isPlainCount } from "../../state/aggregate-set.ts";
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

/**
 * Packed rows of slices: keys, accumulators, and the number of input rows (a group whose rows are all retracted is no group),
 * which is the count(*) where the query has one.
 */
export class SliceLayout extends AggregateLayout {
  /** Of the number of input rows in each packed row. */
  readonly countOffset: number;
  private readonly countsApart: boolean;

  constructor(spec: WindowAggregateSpec, input: Schema) {
    const keyTypes = keyFields(spec, input).map((field): SqlType => field.type);
    super(keyTypes, spec.aggregates, spec.aggregates.some(isPlainCount) ? 0 : rows_bytes);
    this.countOffset = this.aggregates.countStarOffset ?? this.extraOffset;
    this.countsApart = this.aggregates.countStarOffset === null;
  }

  /** Counts each row of a batch, by its weight (0: once). */
  countRows(rows: Pointer, count: number, weights: Pointer): void {
    if (this.countsApart) kernels().run.addCount(rows, count, this.countOffset, 0, weights);
  }

  override mergeRows(into: Pointer, from: Pointer, count: number): void {
    super.mergeRows(into, from, count);
    if (!this.countsApart) return;
    const counts = kernels().staging.bytes(count * 8);
    kernels().run.gather64(from, count, this.countOffset, counts);
    this.addRowCounts(into, count, counts);
  }

  override unmergeRows(into: Pointer, from: Pointer, count: number): void {
    super.unmergeRows(into, from, count);
    if (this.countsApart) this.addRowCounts(into, count, negated(from, count, this.countOffset));
  }

  /** Adds counts of rows that came with accumulators. */
  addRowCounts(rows: Pointer, count: number, counts: Pointer): void {
    if (this.countsApart) kernels().run.addCounters(rows, count, this.countOffset, counts);
  }
}
