import { grownInts } from "./slots/slot-column.ts";
import type { CompareRows } from "./value-order.ts";

/** More rows than this are taken out in one pass over the list. */
const singleRemoves_max = 4;

/** The rows of one partition in order: their numbers in a row table. The order given must be total over the rows in it. */
export class SortedRows {
  rows: Int32Array = new Int32Array(0);
  length = 0;

  /** Adds rows, which are sorted by this in place. */
  insert(added: Int32Array, order: CompareRows): void {
    if (added.length === 0) return;
    this.rows = grownInts(this.rows, this.length + added.length);
    if (added.length === 1) this.#insertOne(added[0] as number, order);
    else this.#merge(added.sort(order), order);
    this.length += added.length;
  }

  /** Takes out those of `removed`, all of which are in the list. `isGone` says which rows they are. */
  remove(removed: Int32Array, order: CompareRows, isGone: (row: number) => boolean): void {
    if (removed.length > singleRemoves_max) {
      let kept = 0;
      for (let i = 0; i < this.length; i++) {
        const row = this.rows[i] as number;
        if (!isGone(row)) this.rows[kept++] = row;
      }
      this.length = kept;
      return;
    }
    for (const row of removed) {
      const at = this.#positionOf(row, order);
      this.rows.copyWithin(at, at + 1, this.length);
      this.length--;
    }
  }

  /** How many rows come before `row`, or are its equals up to there. */
  lowerBound(row: number, order: CompareRows): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (order(this.rows[middle] as number, row) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #positionOf(row: number, order: CompareRows): number {
    const at = this.lowerBound(row, order);
    return this.rows[at] === row ? at : this.rows.indexOf(row);
  }

  #insertOne(row: number, order: CompareRows): void {
    const last = this.length - 1;
    const at = last >= 0 && order(this.rows[last] as number, row) > 0 ? this.lowerBound(row, order) : this.length;
    this.rows.copyWithin(at + 1, at, this.length);
    this.rows[at] = row;
  }

  /** From the back, in place: each of the list's rows moves at most once. */
  #merge(added: Int32Array, order: CompareRows): void {
    const { rows } = this;
    let own = this.length - 1;
    let into = this.length + added.length - 1;
    for (let next = added.length - 1; next >= 0; into--) {
      const row = added[next] as number;
      if (own >= 0 && order(rows[own] as number, row) > 0) rows[into] = rows[own--] as number;
      else {
        rows[into] = row;
        next--;
      }
    }
  }
}
