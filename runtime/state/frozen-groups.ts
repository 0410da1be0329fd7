import type { Batch } from "../contract/batch.ts";
import { kernels, type Pointer } from "../kernels/kernels.ts";
import { type GroupTable, staged } from "./group-table.ts";
import { PiecewiseRest } from "./piecewise-rest.ts";

/** A table that a snapshot freezes, and what its rows have in common (the end of a slice). */
export interface FrozenTable<T> {
  readonly table: GroupTable;
  readonly tag: T;
}

/** The next `rows` of a piece are of one table. */
export interface FrozenRun<T> {
  readonly tag: T;
  readonly rows: number;
}

/** The rows' puts, borrowed; `runs` says whose they are, in order. Under a staging mark. */
export type WritePiece<T> = (rows: Pointer, count: number, runs: readonly FrozenRun<T>[]) => Batch;

/** The changed groups of some tables as they are when it is made, written later. */
export class FrozenGroups<T> extends PiecewiseRest {
  readonly #tables: readonly FrozenTable<T>[];
  readonly #write: WritePiece<T>;
  /** Tables in front of it have nothing left. */
  #at = 0;

  private constructor(tables: readonly FrozenTable<T>[], write: WritePiece<T>) {
    super();
    this.#tables = tables;
    this.#write = write;
    for (const { table, tag } of tables) table.freeze((rows, count) => this.take(write(rows, count, [{ tag, rows: count }])));
  }

  /** null when nothing changed. */
  static of<T>(tables: readonly FrozenTable<T>[], write: WritePiece<T>): FrozenGroups<T> | null {
    const changed = tables.filter(({ table }) => table.dirtyCount > 0);
    return changed.length === 0 ? null : new FrozenGroups(changed, write);
  }

  write(rows_max: number): boolean {
    staged(() => {
      const rows = kernels().staging.bytes(rows_max * 4);
      const runs: FrozenRun<T>[] = [];
      const count = this.#fill(rows, rows_max, runs);
      if (count > 0) this.take(this.#write(rows, count, runs));
    });
    return this.#at < this.#tables.length;
  }

  drop(): void {
    for (const { table } of this.#tables) table.thaw();
  }

  #fill(rows: Pointer, rows_max: number, runs: FrozenRun<T>[]): number {
    let count = 0;
    for (; this.#at < this.#tables.length; this.#at++) {
      const { table, tag } = this.#tables[this.#at] as FrozenTable<T>;
      const taken = table.takeFrozen(rows + count * 4, rows_max - count);
      if (taken > 0) runs.push({ tag, rows: taken });
      count += taken;
      if (count === rows_max) break;
    }
    return count;
  }
}
