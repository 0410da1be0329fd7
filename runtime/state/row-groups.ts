import type { Batch, Column } from "../contract/batch.ts";
import { hashRows } from "../contract/hash.ts";
import { KeyIndex } from "./key-index.ts";
import { type SameRow, sameRows } from "./row-equality.ts";
import type { RowStore } from "./row-store.ts";
import { grownInts } from "./slots/slot-column.ts";

/** The rows of a store by the values of their keys: rows with equal keys are one group. */
export class RowGroups {
  readonly #store: RowStore;
  /** Columns of the store; none: all rows are one group. */
  readonly #keys: readonly number[];
  readonly #index = new KeyIndex();
  /** Of the keys of the batch that is added or looked up. */
  #hashes: Int32Array = new Int32Array(0);

  constructor(store: RowStore, keys: readonly number[]) {
    this.#store = store;
    this.#keys = keys;
  }

  /** Groups that hold rows. */
  get size(): number {
    return this.#index.size;
  }

  groupOf(row: number): number {
    return this.#index.groupOf(row);
  }

  /** -1 for an empty group, and for -1. */
  firstOf(group: number): number {
    return group < 0 ? -1 : this.#index.first(group);
  }

  nextOf(row: number): number {
    return this.#index.next(row);
  }

  /** Writes the group of each row's key, which is in the batch's columns `keys`; -1 where there is none. */
  find(batch: Batch, keys: readonly number[], nullsMatch: readonly boolean[], into: Int32Array): void {
    this.#hashes = grownInts(this.#hashes, batch.rows);
    hashRows(batch, keys, this.#hashes);
    this.#find(batch, keys, nullsMatch, null, batch.rows, into);
  }

  /** The same for rows of other groups, by their keys. */
  findOf(other: RowGroups, rows: Int32Array, count: number, nullsMatch: readonly boolean[], into: Int32Array): void {
    this.#hashes = grownInts(this.#hashes, count);
    for (let i = 0; i < count; i++) this.#hashes[i] = other.#index.hashOf(other.#index.groupOf(rows[i] as number));
    this.#find(other.#store.rows(), other.#keys, nullsMatch, rows, count, into);
  }

  /** Looks at the keys of a batch whose rows are to be linked. */
  hash(batch: Batch): void {
    this.#hashes = grownInts(this.#hashes, batch.rows);
    hashRows(batch, this.#keys, this.#hashes);
  }

  /** Makes room for rows below `capacity`. */
  reserve(capacity: number): void {
    this.#index.reserve(capacity);
  }

  /** Compares the keys of rows of the batch with those of the store; good until the store gets rows. */
  sameKey(batch: Batch): SameRow {
    return sameRows(
      this.#keys.map((key) => batch.columns[key] as Column),
      this.#columns(),
    );
  }

  /** Row i of the batch that was hashed is now in a slot. */
  link(i: number, slot: number, sameKey: SameRow): void {
    const hash = this.#hashes[i] as number;
    this.#index.link(slot, this.#index.find(hash, sameKey, i), hash);
  }

  unlink(row: number): void {
    this.#index.unlink(row);
  }

  /** Numbers of groups that ended may be given to others. */
  sweep(): void {
    this.#index.sweep();
  }

  #find(
    source: Batch,
    keys: readonly number[],
    nullsMatch: readonly boolean[],
    rows: Int32Array | null,
    count: number,
    into: Int32Array,
  ): void {
    const columns = keys.map((key) => source.columns[key] as Column);
    const same = sameRows(columns, this.#columns());
    const strict = columns.flatMap(({ validity }, k) => (validity === null || nullsMatch[k] === true ? [] : [validity]));
    for (let i = 0; i < count; i++) {
      const row = rows === null ? i : (rows[i] as number);
      into[i] = strict.some((validity) => validity[row] === 0) ? -1 : this.#index.find(this.#hashes[i] as number, same, row);
    }
  }

  #columns(): readonly Column[] {
    const { columns } = this.#store.rows();
    return this.#keys.map((key) => columns[key] as Column);
  }
}
