import { IntList } from "./int-list.ts";
import type { SameRow } from "./row-equality.ts";
import { grownInts } from "./slots/slot-column.ts";

const none = -1;

/**
 * The rows of a row table by their key: rows with equal keys are one group, a list in order of arrival. A hash table leads to the
 * group; its key is that of its first row. Numbers of groups stay until the group is empty and `sweep` was called.
 */
export class KeyIndex {
  /** Groups that hold rows. */
  size = 0;
  #heads: Int32Array = new Int32Array(64).fill(none);
  #groups = 0;
  // Of each group: its hash, its neighbour in the bucket, its first and last row.
  #hash: Int32Array = new Int32Array(0);
  #following: Int32Array = new Int32Array(0);
  #first: Int32Array = new Int32Array(0);
  #last: Int32Array = new Int32Array(0);
  // Of each row: its group, its neighbours there.
  #group: Int32Array = new Int32Array(0);
  #next: Int32Array = new Int32Array(0);
  #previous: Int32Array = new Int32Array(0);
  readonly #free = new IntList();
  readonly #ended = new IntList();

  /** Makes room for rows below `capacity`. */
  reserve(capacity: number): void {
    this.#group = grownInts(this.#group, capacity);
    this.#next = grownInts(this.#next, capacity);
    this.#previous = grownInts(this.#previous, capacity);
  }

  /** The group whose first row is the same as `probe`; -1 when there is none. */
  find(hash: number, same: SameRow, probe: number): number {
    let group = this.#heads[hash & (this.#heads.length - 1)] as number;
    while (group !== none && !(this.#hash[group] === hash && same(probe, this.#first[group] as number))) {
      group = this.#following[group] as number;
    }
    return group;
  }

  groupOf(row: number): number {
    return this.#group[row] as number;
  }

  hashOf(group: number): number {
    return this.#hash[group] as number;
  }

  /** -1 when the group is empty. */
  first(group: number): number {
    return this.#first[group] as number;
  }

  /** The row behind it in its group; -1 at the end. */
  next(row: number): number {
    return this.#next[row] as number;
  }

  /** Adds a row to its group; `group` -1 begins a new one. */
  link(row: number, group: number, hash: number): void {
    const own = group === none ? this.#begin(hash) : group;
    const last = this.#last[own] as number;
    this.#group[row] = own;
    this.#previous[row] = last;
    this.#next[row] = none;
    if (last === none) this.#first[own] = row;
    else this.#next[last] = row;
    this.#last[own] = row;
  }

  /** Takes a row out; its group ends with its last one. What the row knew of its neighbours stays readable until it is linked again. */
  unlink(row: number): void {
    const group = this.#group[row] as number;
    const before = this.#previous[row] as number;
    const behind = this.#next[row] as number;
    if (before === none) this.#first[group] = behind;
    else this.#next[before] = behind;
    if (behind === none) this.#last[group] = before;
    else this.#previous[behind] = before;
    if (this.#first[group] === none) this.#end(group);
  }

  /** Numbers of groups that ended may be given to others. */
  sweep(): void {
    for (let i = 0; i < this.#ended.length; i++) this.#free.push(this.#ended.values[i] as number);
    this.#ended.clear();
  }

  #begin(hash: number): number {
    if (this.size >= this.#heads.length) this.#rehash();
    const reused = this.#free.pop();
    const group = reused === none ? this.#groups++ : reused;
    if (this.#hash.length <= group) this.#grow(group + 1);
    const bucket = hash & (this.#heads.length - 1);
    this.#hash[group] = hash;
    this.#first[group] = none;
    this.#last[group] = none;
    this.#following[group] = this.#heads[bucket] as number;
    this.#heads[bucket] = group;
    this.size++;
    return group;
  }

  #end(group: number): void {
    const bucket = (this.#hash[group] as number) & (this.#heads.length - 1);
    let at = this.#heads[bucket] as number;
    if (at === group) this.#heads[bucket] = this.#following[group] as number;
    else {
      while (this.#following[at] !== group) at = this.#following[at] as number;
      this.#following[at] = this.#following[group] as number;
    }
    this.size--;
    this.#ended.push(group);
  }

  #grow(capacity: number): void {
    this.#hash = grownInts(this.#hash, capacity);
    this.#following = grownInts(this.#following, capacity);
    this.#first = grownInts(this.#first, capacity);
    this.#last = grownInts(this.#last, capacity);
  }

  #rehash(): void {
    const heads = new Int32Array(this.#heads.length * 2).fill(none);
    for (let group = 0; group < this.#groups; group++) {
      if (this.#first[group] === none) continue;
      const bucket = (this.#hash[group] as number) & (heads.length - 1);
      this.#following[group] = heads[bucket] as number;
      heads[bucket] = group;
    }
    this.#heads = heads;
  }
}
