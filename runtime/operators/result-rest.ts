import type { Batch } from "../contract/batch.ts";
import { sliceBatch } from "../contract/slice-batch.ts";
import type { Schema } from "../contract/types.ts";
import { BatchBuilder } from "../exchange/batch-builder.ts";
import { PiecewiseRest } from "../state/piecewise-rest.ts";
import { Netting } from "./net-rows.ts";

/** Rows that a sink gathered up to a snapshot, handed out piece by piece. */
export class GatheredRows extends PiecewiseRest {
  readonly #batch: Batch;
  #at = 0;

  constructor(batch: Batch) {
    super();
    this.#batch = batch;
  }

  write(rows_max: number): boolean {
    const to = Math.min(this.#batch.rows, this.#at + rows_max);
    this.take(sliceBatch(this.#batch, this.#at, to));
    this.#at = to;
    return to < this.#batch.rows;
  }

  drop(): void {
    this.#at = this.#batch.rows;
  }
}

/** The same of a changelog: netted first, in steps of as many rows. */
export class NettedRows extends PiecewiseRest {
  readonly #schema: Schema;
  readonly #batch: Batch;
  readonly #netting: Netting;
  #isNetted = false;

  constructor(schema: Schema, batch: Batch, weights: Int32Array) {
    super();
    this.#schema = schema;
    this.#batch = batch;
    this.#netting = new Netting(batch, weights);
  }

  write(rows_max: number): boolean {
    if (!this.#isNetted) {
      this.#isNetted = !this.#netting.advance(rows_max);
      return true;
    }
    const selection = new Int32Array(rows_max);
    const count = this.#netting.take(selection);
    const piece = new BatchBuilder(this.#schema);
    piece.append({ ...this.#batch, weights: this.#netting.net }, { selection, from: 0, to: count });
    if (count > 0) this.take(piece.build());
    return count === rows_max;
  }

  override drop(): void {
    // Nothing outside of it knows of its rows.
  }
}
