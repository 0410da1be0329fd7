import type { SortKey } from "../contract/ordering.ts";
import type { GroupedChanges } from "./grouped-changes.ts";
import { IntList } from "./int-list.ts";
import type { RowTable } from "./row-table.ts";
import { SortedRows } from "./sorted-rows.ts";
import { type CompareRows, compareBy, wholeRow } from "./value-order.ts";

/** Partitions up to this size are sorted when they are looked at: a list for each would take more than the rows. */
const sortedAtOnce_rows_max = 64;

/** Rows in order: the first `length` of `rows`. Good until the next partition is looked at. */
export interface RowsInOrder {
  readonly rows: Int32Array;
  readonly length: number;
}

/** The rows of a row table's groups in the order of sort keys; among peers the whole row decides. */
export class PartitionOrder {
  readonly #table: RowTable;
  readonly #keys: readonly SortKey[];
  readonly #total: readonly SortKey[];
  readonly #large = new Map<number, SortedRows>();
  readonly #small = new IntList();
  #order: CompareRows = () => 0;
  #isPeer: CompareRows = () => 0;

  constructor(table: RowTable, keys: readonly SortKey[], columns: number) {
    this.#table = table;
    this.#keys = keys;
    this.#total = [...keys, ...wholeRow(columns).filter(({ column }) => !keys.some((key) => key.column === column))];
  }

  /** After every `add` to the table and after its restore: the columns are others then. */
  refresh(): void {
    const { columns } = this.#table.rows();
    this.#order = compareBy(this.#total, columns);
    this.#isPeer = compareBy(this.#keys, columns);
  }

  /** 0 for rows that are equal in the sort keys. */
  get isPeer(): CompareRows {
    return this.#isPeer;
  }

  /** The total order. */
  get compare(): CompareRows {
    return this.#order;
  }

  /** The rows of a group that has not changed. */
  rowsOf(group: number): RowsInOrder {
    return this.#large.get(group) ?? this.#gather(group, null);
  }

  /** All rows that a group has or had before the changes. `settle` it before another one is looked at. */
  changing(group: number, changed: Int32Array, changes: GroupedChanges): RowsInOrder {
    const large = this.#large.get(group);
    if (large === undefined) return this.#gather(group, changed);
    const added = changed.filter((row) => changes.before(row) === 0 && changes.now(row) > 0);
    large.insert(added, this.#order);
    return large;
  }

  /** The group has these rows too now; nothing else of it has changed. */
  add(group: number, added: Int32Array): void {
    const large = this.#large.get(group);
    if (large !== undefined) large.insert(added, this.#order);
    else if (this.#isLarge(group)) {
      this.#gather(group, null);
      this.#keepIfLarge(group, () => false);
    }
  }

  /** Ends what `changing` began, or `rowsOf`: the group has no longer the rows `removed`, which are those that `isGone` names. */
  settle(group: number, removed: Int32Array, isGone: (row: number) => boolean): void {
    const large = this.#large.get(group);
    if (large === undefined) this.#keepIfLarge(group, isGone);
    else {
      if (removed.length > 0) large.remove(removed, this.#order, isGone);
      if (large.length <= sortedAtOnce_rows_max >> 1) this.#large.delete(group);
    }
  }

  /** The group has no longer the rows `removed`, whichever partition was looked at last. */
  drop(group: number, removed: Int32Array, isGone: (row: number) => boolean): void {
    const large = this.#large.get(group);
    if (large === undefined || removed.length === 0) return;
    large.remove(removed, this.#order, isGone);
    if (large.length <= sortedAtOnce_rows_max >> 1) this.#large.delete(group);
  }

  /** The group has no rows any more. */
  forget(group: number): void {
    this.#large.delete(group);
  }

  #isLarge(group: number): boolean {
    let rows = 0;
    for (let row = this.#table.firstOf(group); row >= 0 && rows <= sortedAtOnce_rows_max; row = this.#table.nextOf(row)) rows++;
    return rows > sortedAtOnce_rows_max;
  }

  #keepIfLarge(group: number, isGone: (row: number) => boolean): void {
    if (this.#small.length <= sortedAtOnce_rows_max) return;
    const rows = this.#small.values.subarray(0, this.#small.length).filter((row) => !isGone(row));
    if (rows.length <= sortedAtOnce_rows_max) return;
    const large = new SortedRows();
    large.insert(rows, this.#order);
    this.#large.set(group, large);
  }

  #gather(group: number, changed: Int32Array | null): RowsInOrder {
    const rows = this.#small;
    rows.clear();
    for (let row = this.#table.firstOf(group); row >= 0; row = this.#table.nextOf(row)) rows.push(row);
    // Rows that ended are in no group's list any more.
    if (changed !== null) for (const row of changed) if (this.#table.countOf(row) === 0) rows.push(row);
    rows.values.subarray(0, rows.length).sort(this.#order);
    return { rows: rows.values, length: rows.length };
  }
}
