import type { Batch, Column } from "../contract/batch.ts";
import type { Physical, Schema } from "../contract/types.ts";
import type { ColumnBuilder, MakeColumnBuilder, RowRange } from "./column-builder.ts";
import { grownCapacity } from "./column-builder.ts";
import { F64Builder, I32Builder, I64Builder, I128Builder, IntervalBuilder, U8Builder } from "./fixed-builders.ts";
import { type LayoutNode, layoutOf } from "./frame-layout.ts";
import { BytesBuilder, ListBuilder, StructBuilder } from "./nested-builders.ts";

const builders = {
  u8: () => new U8Builder(),
  i32: () => new I32Builder(),
  i64: () => new I64Builder(),
  i128: () => new I128Builder(),
  f64: () => new F64Builder(),
  bytes: () => new BytesBuilder(),
  interval: () => new IntervalBuilder(),
  list: (node) => new ListBuilder(node, makeColumnBuilder),
  struct: (node) => new StructBuilder(node, makeColumnBuilder),
} satisfies Readonly<Record<Physical, MakeColumnBuilder>>;

export function makeColumnBuilder(node: LayoutNode): ColumnBuilder {
  return builders[node.phys](node);
}

/** Collects rows of borrowed batches into one batch of its own: what an exchange channel gathers until a frame is worth sending. */
export class BatchBuilder {
  rows = 0;
  private readonly columns: readonly ColumnBuilder[];
  /** null until the first weighted batch. */
  private weights: Int32Array | null = null;

  constructor(schema: Schema) {
    this.columns = layoutOf(schema).columns.map(makeColumnBuilder);
  }

  append(batch: Batch, range: RowRange): void {
    for (let c = 0; c < this.columns.length; c++) (this.columns[c] as ColumnBuilder).append(batch.columns[c] as Column, range);
    this.appendWeights(batch.weights, range);
    this.rows += range.to - range.from;
  }

  /** Views, valid until the next `append` or `clear`. */
  build(): Batch {
    return {
      rows: this.rows,
      columns: this.columns.map((column) => column.build()),
      weights: this.weights === null ? null : this.weights.subarray(0, this.rows),
    };
  }

  clear(): void {
    this.rows = 0;
    this.weights = null;
    for (const column of this.columns) column.clear();
  }

  variableBytes(): number {
    let total = 0;
    for (const column of this.columns) total += column.variableBytes();
    return total;
  }

  private appendWeights(source: Int32Array | null, range: RowRange): void {
    const { selection, from, to } = range;
    const have = this.rows;
    if (source === null && this.weights === null) return;
    const weights = this.reserveWeights(have + to - from);
    if (source === null) weights.fill(1, have, have + to - from);
    else if (selection === null) weights.set(source.subarray(from, to), have);
    else for (let k = from; k < to; k++) weights[have + k - from] = source[selection[k] as number] as number;
  }

  private reserveWeights(need: number): Int32Array {
    const old = this.weights;
    if (old !== null && old.length >= need) return old;
    const grown = new Int32Array(grownCapacity(old?.length ?? 0, need));
    if (old === null) grown.fill(1, 0, this.rows);
    else grown.set(old.subarray(0, this.rows));
    this.weights = grown;
    return grown;
  }
}
