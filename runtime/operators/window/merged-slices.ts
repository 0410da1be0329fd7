import { AggregateTable } from "../../state/aggregate-table.ts";
import type { SliceLayout } from "./layout.ts";
import type { Slice } from "./slices.ts";

const insertOnly = { insert: true, mark: false };

/** A new table with the groups of all slices, merged. */
export function mergeSlices(layout: SliceLayout, slices: readonly Slice[]): AggregateTable {
  const table = new AggregateTable(layout, Math.max(...slices.map((slice) => slice.table.size)));
  for (const slice of slices) layout.mergeInto(table, slice.table, insertOnly);
  return table;
}

/**
 * The growing window of CUMULATE: the slices merged so far, kept from one window to the next that starts with it. It is derived
 * from the slices, so it is in no checkpoint and is built anew when one of its slices gets a late row.
 */
export class GrowingWindow {
  private readonly layout: SliceLayout;
  private table: AggregateTable | null = null;
  private start = 0n;
  private upTo = 0n;

  constructor(layout: SliceLayout) {
    this.layout = layout;
  }

  /** The slices of (start, end], merged. `slices` are those that are open. Good until the next call. */
  grow(start: bigint, end: bigint, slices: readonly Slice[]): AggregateTable {
    if (this.table === null || this.start !== start) {
      this.drop();
      this.table = new AggregateTable(this.layout);
      this.start = start;
      this.upTo = start;
    }
    for (const slice of slices) if (slice.end > this.upTo) this.layout.mergeInto(this.table, slice.table, insertOnly);
    this.upTo = end;
    return this.table;
  }

  /** A slice got rows: what was merged of it is out of date. */
  touch(sliceEnd: bigint): void {
    if (this.table !== null && sliceEnd > this.start && sliceEnd <= this.upTo) this.drop();
  }

  drop(): void {
    this.table?.free();
    this.table = null;
  }
}
