import type { Batch } from "../contract/batch.ts";
import { assert } from "../contract/errors.ts";
import { hashRows } from "../contract/hash.ts";
import type { StateDelta } from "../contract/operator.ts";
import { FrozenRows } from "./frozen-rows.ts";
import { IntList } from "./int-list.ts";
import { ChangeList, type RowChanges } from "./row-changes.ts";
import { type SameRow, sameRows } from "./row-equality.ts";
import { RowGroups } from "./row-groups.ts";
import { StoredRows } from "./row-identity.ts";
import { RowIndex } from "./row-index.ts";
import { RowStore } from "./row-store.ts";
import { pick, readState, type RowTableOptions } from "./row-table-spec.ts";
import { grownInts } from "./slots/slot-column.ts";

/**
 * A multiset of rows of one schema, by key: the state of a join's side, of partitions, of versions. Rows lie in columns; a row's
 * number is its index there and stays as long as the row lives. Lookups hand out numbers, `rows()` the columns to gather from.
 * NULL keys are a group like others (the rows are there); whether a NULL finds it is said with the lookup.
 *
 * Over a changelog a row that is taken back before it came counts -1 until it comes; where rows have a time to live it is taken for one
 * that was forgotten, reported and ignored. Rows that a call ended (count 0) can be read
 * until the next `add`, and so can their group's number: whoever answers for the change still sees them.
 */
export class RowTable {
  /** Rows that are there, those with a negative count included. */
  size = 0;
  readonly #options: RowTableOptions;
  readonly #allColumns: readonly number[];
  readonly #store: RowStore;
  readonly #groups: RowGroups;
  readonly #index = new RowIndex();
  readonly #stored: StoredRows;
  /** 0: nothing is there. */
  #counts: Int32Array = new Int32Array(0);
  readonly #attributes: Int32Array[];
  readonly #ended = new IntList();
  readonly #changes = new ChangeList();
  /** Rows of the last snapshot that may not be written yet. */
  #frozen: FrozenRows | null = null;
  // Of the batch that is added.
  #rowHashes: Int32Array = new Int32Array(0);
  #numbers: Int32Array = new Int32Array(0);
  #slots: Int32Array = new Int32Array(0);
  readonly #unknown = new IntList();
  readonly #reportForgotten: ((rows: number) => void) | null;

  /** `reportForgotten`: rows have a time to live; it is told how many rows were taken back that are not there. */
  constructor(options: RowTableOptions, subtask: number, reportForgotten: ((rows: number) => void) | null = null) {
    this.#options = options;
    this.#reportForgotten = reportForgotten;
    this.#attributes = (options.attributes ?? []).map(() => new Int32Array(0));
    this.#allColumns = options.schema.columns.map((_, c) => c);
    this.#store = new RowStore(options.schema);
    this.#groups = new RowGroups(this.#store, options.keys);
    this.#stored = new StoredRows(subtask);
  }

  /** Keys that have rows. */
  get groups(): number {
    return this.#groups.size;
  }

  /** Row numbers are below it. */
  get end(): number {
    return this.#store.end;
  }

  /** Adds a batch, which is copied; a weight of -n takes rows back. Nothing is told of a row that came and went within the batch. */
  add(batch: Batch): RowChanges {
    this.#sweep();
    this.#hash(batch);
    this.#changes.begin(batch.rows);
    if (this.#options.changelog) this.#merge(batch);
    else this.#append(batch);
    return this.#changes;
  }

  /** Ends a row, whatever its count. */
  remove(row: number): void {
    if (this.#counts[row] !== 0) this.#finish(row);
  }

  /** The columns of all slots, to gather rows from by number; valid until the next `add`. Slots without a row hold anything. */
  rows(): Batch {
    return this.#store.rows();
  }

  /** How often the row is there; 0 for one that ended, negative for one that was taken back before it came. */
  countOf(row: number): number {
    return this.#counts[row] as number;
  }

  /** The k-th attribute, by row number; valid until the next `add`. Who writes it says so by `noteChanged`. */
  attribute(k: number): Int32Array {
    return this.#attributes[k] as Int32Array;
  }

  /** An attribute of a row that is there has another value. */
  noteChanged(row: number): void {
    this.#stored.change(row);
  }

  /** Numbers of the rows that are there. */
  liveRows(): Int32Array {
    const live = new Int32Array(this.size);
    let n = 0;
    for (let row = 0; row < this.#store.end; row++) if (this.#counts[row] !== 0) live[n++] = row;
    return live;
  }

  groupOf(row: number): number {
    return this.#groups.groupOf(row);
  }

  /** The first row of a group, in order of arrival; -1 when it has none, or is -1 itself. */
  firstOf(group: number): number {
    return this.#groups.firstOf(group);
  }

  /** The next row of the same group; -1 behind the last. */
  nextOf(row: number): number {
    return this.#groups.nextOf(row);
  }

  /**
   * Writes the group of each row's key, -1 where there is none. `keys` are columns of the batch, in the order of the table's.
   * Where `nullsMatch` is false for a key, a NULL there equals nothing.
   */
  findGroups(batch: Batch, keys: readonly number[], nullsMatch: readonly boolean[], into: Int32Array): void {
    this.#groups.find(batch, keys, nullsMatch, into);
  }

  /** The same for rows of another table, by that table's key. */
  findGroupsOf(other: RowTable, rows: Int32Array, count: number, nullsMatch: readonly boolean[], into: Int32Array): void {
    this.#groups.findOf(other.#groups, rows, count, nullsMatch, into);
  }

  /** What changed since the last call, all of it as the rest; the checkpoint gives new rows their identity. */
  takeDelta(checkpoint: number): StateDelta {
    const rows = this.#stored.takeChanged(this.#counts).slice();
    const deletes = this.#stored.takeEnded();
    this.#frozen = null;
    if (rows.length === 0) return { table: this.#options.name, puts: null, deletes };
    const numbers = [...(this.#options.changelog ? [this.#counts] : []), ...this.#attributes].map((values) => pick(values, rows));
    this.#frozen = new FrozenRows({ rows, identity: this.#stored.identify(rows, checkpoint), numbers }, this.#options, this.#store);
    return { table: this.#options.name, puts: null, deletes, rest: this.#frozen };
  }

  /** Takes in rows of the state. */
  restore(state: Batch): void {
    const { rows: batch, counts, attributes } = readState(this.#options, state);
    this.#hash(batch);
    const slots = this.#place(batch, this.#numbers, batch.rows);
    const same = this.#groups.sameKey(batch);
    for (let i = 0; i < batch.rows; i++) {
      this.#link(i, slots[i] as number, same);
      this.#counts[slots[i] as number] = counts === null ? 1 : (counts[i] as number);
      for (const [k, values] of attributes.entries()) this.attribute(k)[slots[i] as number] = values[i] as number;
    }
    this.#stored.restore(state, slots);
  }

  #append(batch: Batch): void {
    const slots = this.#place(batch, this.#numbers, batch.rows);
    const same = this.#groups.sameKey(batch);
    for (let i = 0; i < batch.rows; i++) {
      const row = slots[i] as number;
      const weight = batch.weights === null ? 1 : (batch.weights[i] as number);
      assert(weight === 1, "rows of an append-only stream come one by one");
      this.#link(i, row, same);
      this.#counts[row] = weight;
      this.#changes.note(row, weight);
      this.#stored.change(row);
    }
  }

  /** Rows that the table has are counted; then those it has not are placed, for the first of equal ones is the row of all. */
  #merge(batch: Batch): void {
    const { weights } = batch;
    this.#unknown.clear();
    const known = this.#sameRow(batch);
    for (let i = 0; i < batch.rows; i++) {
      const row = this.#index.find(this.#rowHashes[i] as number, known, i);
      if (row < 0) this.#unknown.push(i);
      else this.#changes.note(row, weights === null ? 1 : (weights[i] as number));
    }
    if (this.#unknown.length > 0) this.#addUnknown(batch);
    if (this.#reportForgotten !== null) this.#ignoreForgotten(this.#reportForgotten);
    this.#changes.keep((row, weight) => this.#count(row, weight));
  }

  #addUnknown(batch: Batch): void {
    const { values: unknown, length } = this.#unknown;
    const slots = this.#place(batch, unknown, length);
    const sameRow = this.#sameRow(batch);
    const sameKey = this.#groups.sameKey(batch);
    for (let k = 0; k < length; k++) {
      const i = unknown[k] as number;
      const slot = slots[k] as number;
      const equal = this.#index.find(this.#rowHashes[i] as number, sameRow, i);
      if (equal < 0) this.#link(i, slot, sameKey);
      else this.#ended.push(slot);
      this.#changes.note(equal < 0 ? slot : equal, batch.weights === null ? 1 : (batch.weights[i] as number));
    }
  }

  /** Nothing is taken back that is not there. */
  #ignoreForgotten(report: (rows: number) => void): void {
    const { rows, weights, count } = this.#changes;
    let ignored = 0;
    for (let i = 0; i < count; i++) {
      const missing = -((this.#counts[rows[i] as number] as number) + (weights[i] as number));
      if (missing <= 0) continue;
      weights[i] = (weights[i] as number) + missing;
      ignored += missing;
    }
    if (ignored > 0) report(ignored);
  }

  /** Returns whether the count is another now. */
  #count(row: number, weight: number): boolean {
    const count = (this.#counts[row] as number) + weight;
    this.#counts[row] = count;
    if (count === 0) this.#finish(row);
    else if (weight !== 0) this.#stored.change(row);
    return weight !== 0;
  }

  /** Row i of the batch is now in a slot: puts it into the indexes. */
  #link(i: number, slot: number, sameKey: SameRow): void {
    this.#groups.link(i, slot, sameKey);
    if (this.#options.changelog) this.#index.insert(slot, this.#rowHashes[i] as number);
    this.#stored.begin(slot);
    this.#counts[slot] = 0;
    for (const values of this.#attributes) values[slot] = 0;
    this.size++;
  }

  #finish(row: number): void {
    this.#counts[row] = 0;
    this.#groups.unlink(row);
    if (this.#options.changelog) this.#index.remove(row);
    this.#stored.end(row);
    this.#ended.push(row);
    this.size--;
  }

  #sweep(): void {
    if (this.#frozen?.meet(this.#ended) === true) this.#frozen = null;
    this.#store.release(this.#ended);
    this.#ended.clear();
    this.#groups.sweep();
  }

  #sameRow(batch: Batch): SameRow {
    return sameRows(batch.columns, this.#store.rows().columns);
  }

  #hash(batch: Batch): void {
    this.#reserve(batch.rows);
    this.#groups.hash(batch);
    if (this.#options.changelog) hashRows(batch, this.#allColumns, this.#rowHashes);
  }

  #place(batch: Batch, selection: Int32Array, count: number): Int32Array {
    this.#store.place(batch, selection, count, this.#slots);
    const { end } = this.#store;
    this.#groups.reserve(end);
    this.#index.reserve(end);
    this.#stored.reserve(end);
    this.#changes.reserve(end);
    this.#counts = grownInts(this.#counts, end);
    for (const [k, values] of this.#attributes.entries()) this.#attributes[k] = grownInts(values, end);
    return this.#slots;
  }

  /** Room for what is known of each row of a batch. */
  #reserve(rows: number): void {
    if (this.#numbers.length >= rows) return;
    this.#rowHashes = grownInts(this.#rowHashes, rows);
    this.#slots = grownInts(this.#slots, rows);
    this.#numbers = Int32Array.from({ length: this.#slots.length }, (_, i) => i);
  }
}
