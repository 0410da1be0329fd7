import { IntList } from "./int-list.ts";
import type { RowChanges } from "./row-changes.ts";
import type { RowTable } from "./row-table.ts";
import { grownInts } from "./slots/slot-column.ts";

/** The rows that a batch changed in a row table, by group: what an operator goes through that answers anew for each partition touched. */
export class GroupedChanges {
  readonly #table: RowTable;
  readonly #groups = new IntList();
  /** Where a group stands among those touched, if they say so too. */
  #place: Int32Array = new Int32Array(0);
  #starts: Int32Array = new Int32Array(0);
  #rows: Int32Array = new Int32Array(0);
  #weights: Int32Array = new Int32Array(0);

  constructor(table: RowTable) {
    this.#table = table;
  }

  get groups(): number {
    return this.#groups.length;
  }

  /** Takes in the changes of an `add`; they are good until the next one. */
  take(changes: RowChanges): void {
    this.#forget();
    this.#count(changes);
    this.#rows = grownInts(this.#rows, changes.count);
    this.#weights = grownInts(this.#weights, this.#table.end);
    const next = this.#starts.slice(0, this.#groups.length);
    for (let i = 0; i < changes.count; i++) {
      const row = changes.rows[i] as number;
      const place = this.#place[this.#table.groupOf(row)] as number;
      this.#rows[next[place] as number] = row;
      next[place] = (next[place] as number) + 1;
      this.#weights[row] = changes.weights[i] as number;
    }
  }

  groupAt(k: number): number {
    return this.#groups.values[k] as number;
  }

  /** The changed rows of the k-th group; a view. */
  rowsAt(k: number): Int32Array {
    return this.#rows.subarray(this.#starts[k], this.#starts[k + 1]);
  }

  /** How often the row was there before; a row that was taken back before it came was not. */
  before(row: number): number {
    return Math.max(0, this.#table.countOf(row) - (this.#weights[row] as number));
  }

  now(row: number): number {
    return Math.max(0, this.#table.countOf(row));
  }

  #forget(): void {
    const total = this.#starts[this.#groups.length] ?? 0;
    for (let i = 0; i < total; i++) this.#weights[this.#rows[i] as number] = 0;
    this.#groups.clear();
  }

  #count({ rows, count }: RowChanges): void {
    const groups = this.#groups;
    this.#starts = grownInts(this.#starts, count + 1);
    this.#starts.fill(0, 0, count + 1);
    for (let i = 0; i < count; i++) {
      const group = this.#table.groupOf(rows[i] as number);
      if (this.#place.length <= group) this.#place = grownInts(this.#place, group + 1);
      let place = this.#place[group] as number;
      if (place >= groups.length || groups.values[place] !== group) {
        place = groups.length;
        this.#place[group] = place;
        groups.push(group);
      }
      this.#starts[place + 1] = (this.#starts[place + 1] as number) + 1;
    }
    for (let k = 0; k < groups.length; k++) this.#starts[k + 1] = (this.#starts[k + 1] as number) + (this.#starts[k] as number);
  }
}
