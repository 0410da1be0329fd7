import type { SameRow } from "./row-equality.ts";
import { grownInts } from "./slots/slot-column.ts";

const none = -1;

/** The rows of a row table by their whole value, so that a row that is taken back is found. */
export class RowIndex {
  #heads: Int32Array = new Int32Array(64).fill(none);
  #hash: Int32Array = new Int32Array(0);
  #following: Int32Array = new Int32Array(0);
  #size = 0;

  reserve(capacity: number): void {
    this.#hash = grownInts(this.#hash, capacity);
    this.#following = grownInts(this.#following, capacity);
  }

  /** The row that is the same as `probe`; -1 when there is none. */
  find(hash: number, same: SameRow, probe: number): number {
    let row = this.#heads[hash & (this.#heads.length - 1)] as number;
    while (row !== none && !(this.#hash[row] === hash && same(probe, row))) row = this.#following[row] as number;
    return row;
  }

  insert(row: number, hash: number): void {
    if (this.#size >= this.#heads.length) this.#rehash();
    const bucket = hash & (this.#heads.length - 1);
    this.#hash[row] = hash;
    this.#following[row] = this.#heads[bucket] as number;
    this.#heads[bucket] = row;
    this.#size++;
  }

  remove(row: number): void {
    const bucket = (this.#hash[row] as number) & (this.#heads.length - 1);
    let at = this.#heads[bucket] as number;
    if (at === row) this.#heads[bucket] = this.#following[row] as number;
    else {
      while (this.#following[at] !== row) at = this.#following[at] as number;
      this.#following[at] = this.#following[row] as number;
    }
    this.#size--;
  }

  #rehash(): void {
    const old = this.#heads;
    const heads = new Int32Array(old.length * 2).fill(none);
    for (let bucket = 0; bucket < old.length; bucket++) {
      for (let row = old[bucket] as number; row !== none; ) {
        const following = this.#following[row] as number;
        const into = (this.#hash[row] as number) & (heads.length - 1);
        this.#following[row] = heads[into] as number;
        heads[into] = row;
        row = following;
      }
    }
    this.#heads = heads;
  }
}
