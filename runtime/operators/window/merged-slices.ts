import type { WindowAggregateSpec } from "../../contract/job-graph.ts";
import { kernels } from "../../kernels/kernels.ts";
import { AggregateTable } from "../../state/aggregate-table.ts";
import { staged } from "../../state/group-table.ts";
import type { SliceLayout } from "./layout.ts";
import type { Slice } from "./slices.ts";

/**
 * Slices merged so far, kept from one window to the next. It is derived from the slices, so it is in no checkpoint and is built
 * anew when one of its slices gets a late row.
 */
export interface MergedWindow {
  /** The slices of (start, end], merged. `slices` are those that are open. Good until the next call. */
  merge(start: bigint, end: bigint, slices: readonly Slice[]): AggregateTable;
  /** A slice got rows: what was merged of it is out of date. */
  touch(sliceEnd: bigint): void;
  /** The slice is in no window to come. True if its table is kept, and freed, here. */
  retire(slice: Slice): boolean;
  drop(): void;
}

/** For windows of several slices; null where the slices are merged for each window. */
export function mergedWindowOf(window: WindowAggregateSpec["window"], layout: SliceLayout): MergedWindow | null {
  if (window.kind === "cumulate") return new GrowingWindow(layout);
  const slides = window.kind === "hop" && window.size_us > 2n * window.slide_us;
  return slides && layout.aggregates.canUnmerge ? new SlidingWindow(layout) : null;
}

const insertOnly = { insert: true, mark: false };

/** A new table with the groups of all slices, merged. */
export function mergeSlices(layout: SliceLayout, slices: readonly Slice[]): AggregateTable {
  const table = new AggregateTable(layout, Math.max(...slices.map((slice) => slice.table.size)));
  for (const slice of slices) layout.mergeInto(table, slice.table, insertOnly);
  return table;
}

/** The growing window of CUMULATE, kept from one window to the next that starts with it. */
class GrowingWindow implements MergedWindow {
  private readonly layout: SliceLayout;
  private table: AggregateTable | null = null;
  private start = 0n;
  private upTo = 0n;

  constructor(layout: SliceLayout) {
    this.layout = layout;
  }

  merge(start: bigint, end: bigint, slices: readonly Slice[]): AggregateTable {
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

  touch(sliceEnd: bigint): void {
    if (this.table !== null && sliceEnd > this.start && sliceEnd <= this.upTo) this.drop();
  }

  retire(): boolean {
    return false;
  }

  drop(): void {
    this.table?.free();
    this.table = null;
  }
}

/**
 * The window of HOP for aggregates that can be taken back: each time the newest slices are added and those that left are taken
 * out, however many slices a window has. Groups that have no rows left are erased.
 */
class SlidingWindow implements MergedWindow {
  private readonly layout: SliceLayout;
  private table: AggregateTable | null = null;
  private start = 0n;
  private upTo = 0n;
  /** Slices that are over but still in the table. */
  private leaving: Slice[] = [];

  constructor(layout: SliceLayout) {
    this.layout = layout;
  }

  merge(start: bigint, end: bigint, slices: readonly Slice[]): AggregateTable {
    if (this.table === null || start < this.start || start >= this.upTo) {
      this.drop();
      this.table = mergeSlices(this.layout, slices);
    } else {
      for (const slice of slices) if (slice.end > this.upTo) this.layout.mergeInto(this.table, slice.table, insertOnly);
      for (const slice of this.leaving.splice(0)) this.takeOut(this.table, slice);
    }
    this.start = start;
    this.upTo = end;
    return this.table;
  }

  touch(sliceEnd: bigint): void {
    if (this.table !== null && sliceEnd > this.start && sliceEnd <= this.upTo) this.drop();
  }

  retire(slice: Slice): boolean {
    if (this.table === null || slice.end <= this.start || slice.end > this.upTo) return false;
    this.leaving.push(slice);
    return true;
  }

  drop(): void {
    this.table?.free();
    this.table = null;
    for (const slice of this.leaving.splice(0)) slice.table.free();
  }

  private takeOut(table: AggregateTable, slice: Slice): void {
    staged(() => {
      const { rows, count } = this.layout.unmergeFrom(table, slice.table);
      table.erase(rows, kernels().run.rowsZero(rows, count, this.layout.countOffset, rows));
    });
    slice.table.free();
  }
}
