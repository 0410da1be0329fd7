import type { Batch, Column } from "../contract/batch.ts";
import { hashRows } from "../contract/hash.ts";
import { sliceBatch } from "../contract/slice-batch.ts";
import type { Schema } from "../contract/types.ts";
import { BatchBuilder } from "../exchange/batch-builder.ts";
import { sameValue } from "./same-value.ts";

/**
 * Adds up the weights of equal rows and drops those that come to 0; deletes come first. null when nothing can be netted.
 *
 * Over a changelog with a unique key this leaves at most one -1 (the row as it was) and one +1 (as it is) per key, and nothing
 * for a row that came back to what it was: each -1 names the very row that an earlier +1 brought.
 */
export function netRows(schema: Schema, batch: Batch): BatchBuilder | null {
  const { rows, weights } = batch;
  if (weights === null || rows === 0) return null;
  const netting = new Netting(batch, weights);
  while (netting.advance(rows));
  const selection = new Int32Array(rows);
  const kept = netting.take(selection);
  const netted = new BatchBuilder(schema);
  netted.append({ ...batch, weights: netting.net }, { selection, from: 0, to: kept });
  return netted;
}

/** The same in steps, over a batch that does not change meanwhile. */
export class Netting {
  /** By row: the weight of all rows that equal it, at the first of them; 0 at the others. Whole when `advance` is through. */
  readonly net: Int32Array;
  readonly #batch: Batch;
  readonly #weights: Int32Array;
  readonly #columns: readonly number[];
  readonly #hashes: Int32Array;
  /** row + 1; 0 is free. */
  readonly #slots: Int32Array;
  /** Rows in front of it are looked at. */
  #at = 0;
  /** Of the rows that are kept: those with this sign, from this row on. */
  #next = { sign: -1, row: 0 };

  constructor(batch: Batch, weights: Int32Array) {
    this.#batch = batch;
    this.#weights = weights;
    this.#columns = batch.columns.map((_, c) => c);
    this.net = new Int32Array(batch.rows);
    this.#hashes = new Int32Array(batch.rows);
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * batch.rows + 1)));
  }

  /** Looks at up to so many rows more; whether some are left. */
  advance(rows_max: number): boolean {
    const to = Math.min(this.#batch.rows, this.#at + rows_max);
    hashRows(sliceBatch(this.#batch, this.#at, to), this.#columns, this.#hashes.subarray(this.#at, to));
    for (let row = this.#at; row < to; row++) {
      const first = this.#firstEqual(row);
      this.net[first] = (this.net[first] as number) + (this.#weights[row] as number);
    }
    this.#at = to;
    return to < this.#batch.rows;
  }

  /** The next rows that are kept, deletes first, to `into`; fewer than it has room for when these are the last. */
  take(into: Int32Array): number {
    let count = 0;
    for (; this.#next.sign <= 1; this.#next = { sign: this.#next.sign + 2, row: 0 }) {
      for (; this.#next.row < this.#batch.rows; this.#next.row++) {
        if (count === into.length) return count;
        if (Math.sign(this.net[this.#next.row] as number) === this.#next.sign) into[count++] = this.#next.row;
      }
    }
    return count;
  }

  #firstEqual(row: number): number {
    const hashes = this.#hashes;
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = (hashes[row] as number) & mask; ; slot = (slot + 1) & mask) {
      const other = (slots[slot] as number) - 1;
      if (other < 0) {
        slots[slot] = row + 1;
        return row;
      }
      if (hashes[other] === hashes[row] && sameRow(this.#batch.columns, other, row)) return other;
    }
  }
}

function sameRow(columns: readonly Column[], a: number, b: number): boolean {
  for (const column of columns) if (!sameValue(column, a, b)) return false;
  return true;
}
