import type { Column } from "../../contract/batch.ts";
import { StagedColumns } from "../../functions/aggregate/input.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import { gatherColumn } from "../../expr/gather.ts";
import type { AggregateSet } from "../../state/aggregate-set.ts";
import { staged } from "../../state/group-table.ts";
import { IntList } from "../../state/int-list.ts";
import type { CarriedRows } from "./frame-tree.ts";

/** Rows of this many are added to accumulators at a time. */
const rows_max = 16_384;

/** What lies in front of pieces of partitions: rows that are not answered, but that running answers go on from. */
export class Fronts {
  /** Rows of all fronts, and the front that each belongs to. */
  readonly rows = new IntList();
  readonly #frontOf = new IntList();
  /** Rows in each front. */
  readonly counts = new IntList();
  /** By start of positions: its front. */
  readonly ofStart = new IntList();

  clear(): void {
    for (const list of [this.rows, this.#frontOf, this.counts, this.ofStart]) list.clear();
  }

  begin(): void {
    this.counts.push(0);
  }

  /** Another row of the front begun last. */
  push(row: number): void {
    const front = this.counts.length - 1;
    this.rows.push(row);
    this.#frontOf.push(front);
    this.counts.values[front] = (this.counts.values[front] as number) + 1;
  }

  /** There are so many starts now: a new one goes on from the front begun last. */
  startsTo(starts: number): void {
    while (this.ofStart.length < starts) this.ofStart.push(this.counts.length - 1);
  }

  /** Accumulators, of rows of `row_bytes`, over each start's front: what a frame tree goes on from. Under a staging mark. */
  carried(set: AggregateSet, row_bytes: number, columns: readonly Column[], reads: ReadonlySet<number>): CarriedRows {
    const { staging, heap } = kernels();
    const fronts = staging.bytes(this.counts.length * row_bytes);
    heap().u8.fill(0, fronts, fronts + this.counts.length * row_bytes);
    for (let from = 0; from < this.rows.length; from += rows_max) {
      const to = Math.min(this.rows.length, from + rows_max);
      staged(() => this.#add(set, fronts, row_bytes, from, to, columns, reads));
    }
    return { rows: this.#copies(fronts, row_bytes), clear: () => undefined };
  }

  #add(
    set: AggregateSet,
    fronts: Pointer,
    row_bytes: number,
    from: number,
    to: number,
    columns: readonly Column[],
    reads: ReadonlySet<number>,
  ): void {
    const { staging, heap } = kernels();
    const count = to - from;
    const rows = this.rows.values.subarray(from, to);
    const read = columns.map((column, c) => (reads.has(c) ? gatherColumn(column, rows, count) : column));
    const addresses = staging.bytes(count * 4);
    const { u32 } = heap();
    for (let i = 0; i < count; i++) u32[(addresses >>> 2) + i] = fronts + (this.#frontOf.values[from + i] as number) * row_bytes;
    set.add(addresses, new StagedColumns(read, count));
  }

  /** Each start has accumulators of its own: a frame tree writes into them. */
  #copies(fronts: Pointer, row_bytes: number): Pointer {
    const { staging, heap } = kernels();
    const { length, values } = this.ofStart;
    const copies = staging.bytes(length * row_bytes);
    const addresses = staging.bytes(length * 4);
    const { u8, u32 } = heap();
    for (let s = 0; s < length; s++) {
      const front = fronts + (values[s] as number) * row_bytes;
      u8.copyWithin(copies + s * row_bytes, front, front + row_bytes);
      u32[(addresses >>> 2) + s] = copies + s * row_bytes;
    }
    return addresses;
  }
}
