import { grownInts } from "./slots/slot-column.ts";

/** Rows whose count a batch changed, each once, and by how much. Reused by the next batch. */
export interface RowChanges {
  readonly rows: Int32Array;
  readonly weights: Int32Array;
  readonly count: number;
}

/** Adds up weights per row number. */
export class ChangeList implements RowChanges {
  rows: Int32Array = new Int32Array(0);
  weights: Int32Array = new Int32Array(0);
  count = 0;
  /** Where a row stands in the list, if the list says so too. */
  #place: Int32Array = new Int32Array(0);

  /** Empties the list and makes room for `changes`. */
  begin(changes: number): void {
    this.rows = grownInts(this.rows, changes);
    this.weights = grownInts(this.weights, changes);
    this.count = 0;
  }

  /** Makes room for row numbers below `capacity`. */
  reserve(capacity: number): void {
    this.#place = grownInts(this.#place, capacity);
  }

  note(row: number, weight: number): void {
    const place = this.#place[row] as number;
    if (place < this.count && this.rows[place] === row) {
      this.weights[place] = (this.weights[place] as number) + weight;
      return;
    }
    this.#place[row] = this.count;
    this.rows[this.count] = row;
    this.weights[this.count++] = weight;
  }

  /** Keeps the changes for which `isKept` says so, in order. */
  keep(isKept: (row: number, weight: number) => boolean): void {
    let kept = 0;
    for (let i = 0; i < this.count; i++) {
      const row = this.rows[i] as number;
      const weight = this.weights[i] as number;
      if (!isKept(row, weight)) continue;
      this.rows[kept] = row;
      this.weights[kept++] = weight;
    }
    this.count = kept;
  }
}
