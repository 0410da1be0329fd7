import { type Batch, batch_rows_target, type Column } from "../contract/batch.ts";
import type { Output } from "../contract/operator.ts";
import type { Schema } from "../contract/types.ts";
import { BatchBuilder } from "../exchange/batch-builder.ts";

/** Columns that go behind those of the gathered rows, of entries [from, to). */
export type AddedColumns = (from: number, to: number) => readonly Column[];

/** Sends rows of a store, given by number, as batches of the usual size. */
export class RowEmitter {
  readonly #rows: BatchBuilder;
  readonly #output: Output;

  /** `schema`: the columns of the stored rows. */
  constructor(schema: Schema, output: Output) {
    this.#rows = new BatchBuilder(schema);
    this.#output = output;
  }

  /** `weights` null: append-only. */
  emit(stored: Batch, selection: Int32Array, count: number, weights: Int32Array | null, added: AddedColumns): void {
    for (let from = 0; from < count; from += batch_rows_target) {
      const to = Math.min(count, from + batch_rows_target);
      this.#rows.append(stored, { selection, from, to });
      const columns = [...this.#rows.build().columns, ...added(from, to)];
      this.#output.batch({ rows: to - from, columns, weights: weights === null ? null : weights.subarray(from, to) });
      this.#rows.clear();
    }
  }
}
