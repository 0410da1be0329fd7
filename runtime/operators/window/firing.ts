import type { Batch } from "../../contract/batch.ts";
import type { WindowAggregateSpec } from "../../contract/job-graph.ts";
import {
  type Operator,
  type OperatorContext,
  type OperatorSnapshot,
  type Output,
  type Watermark,
  watermark_min,
} from "../../contract/operator.ts";
import type { Pointer } from "../../kernels/kernels.ts";
import { WindowCheckpoint } from "./checkpoint.ts";
import { windowOutput } from "./columns.ts";
import { type WindowGeometry, geometryOf, hasFired, windowTime_us } from "./geometry.ts";
import { LateRows } from "./late-rows.ts";
import { SliceLayout } from "./layout.ts";
import { type MergedWindow, mergedWindowOf, mergeSlices } from "./merged-slices.ts";
import { OutputRows } from "./output-rows.ts";
import { SliceFeed } from "./slice-feed.ts";
import type { SliceRows } from "./slice-router.ts";
import { type Slice, Slices } from "./slices.ts";

/** The phases that keep state and fire windows: `single` over input rows, `global` over what local phases sent. */
export class FiringWindowAggregate implements Operator {
  private readonly spec: WindowAggregateSpec;
  private readonly context: OperatorContext;
  private readonly output: Output;
  private readonly geometry: WindowGeometry;
  private readonly layout: SliceLayout;
  private readonly slices: Slices;
  private readonly feed: SliceFeed;
  private readonly merged: MergedWindow | null;
  private readonly late: LateRows;
  private readonly rows: OutputRows;
  private readonly checkpoint: WindowCheckpoint;
  /** All windows that end by it have fired. After a restore it may be ahead of the input's watermark for a while. */
  private progress: Watermark = watermark_min;

  constructor(spec: WindowAggregateSpec, context: OperatorContext, output: Output) {
    const [input] = context.inputs;
    if (input === undefined) throw new Error("invariant: a window aggregate has an input");
    this.spec = spec;
    this.context = context;
    this.output = output;
    this.geometry = geometryOf(spec.window);
    this.layout = new SliceLayout(spec, input);
    this.slices = new Slices(this.layout);
    this.feed = new SliceFeed(spec, this.geometry, this.layout, this.slices);
    this.merged = mergedWindowOf(spec.window, this.layout);
    this.late = new LateRows(context, spec.phase === "single");
    this.rows = new OutputRows(output, this.layout.countOffset, windowOutput(spec, this.layout));
    this.checkpoint = new WindowCheckpoint(context, this.layout);
  }

  batch(batch: Batch): void {
    if (this.spec.phase === "global") {
      const parts = this.partsOf(batch);
      this.feed.addAccumulators(parts, (rows, counts) => this.isLatePart(rows, counts), true);
    } else {
      this.feed.addRows(batch, (rows) => this.isLateRow(rows, batch), true);
      this.late.flush();
    }
  }

  /** Fires in order of window end, then forwards. */
  watermark(watermark: Watermark): void {
    let end = this.nextWindow();
    while (end !== null && hasFired(end, watermark)) {
      this.fire(end);
      this.progress = end - windowTime_us;
      end = this.nextWindow();
    }
    if (watermark > this.progress) this.progress = watermark;
    this.rows.flush();
    this.output.watermark(watermark);
  }

  idle(idle: boolean): void {
    this.output.idle(idle);
  }

  snapshot(): OperatorSnapshot {
    return { deltas: this.checkpoint.snapshot(this.slices, this.progress) };
  }

  restore(table: string, rows: Batch): void {
    const parts = this.checkpoint.restore(table, rows);
    if (parts !== null) this.feed.addAccumulators(parts, () => false, false);
    this.progress = this.checkpoint.restoredWatermark ?? watermark_min;
  }

  close(): void {
    for (const slice of this.slices.take()) slice.table.free();
    this.merged?.drop();
    this.rows.free();
    this.feed.free();
    this.checkpoint.free();
    this.layout.free();
  }

  private partsOf(batch: Batch) {
    const keys = this.spec.keys.length;
    const [sliceEnds, ...rest] = batch.columns.slice(keys);
    const rowCounts = rest.pop();
    if (sliceEnds === undefined || rowCounts === undefined)
      throw new Error("invariant: a local phase sends keys, slice_end, accumulators, rows");
    return { rows: batch.rows, keys: batch.columns.slice(0, keys), sliceEnds, accumulators: rest, rowCounts };
  }

  private isLate(sliceEnd: bigint): boolean {
    if (hasFired(this.geometry.lastWindow(sliceEnd), this.progress)) return true;
    this.merged?.touch(sliceEnd);
    return false;
  }

  private isLateRow(rows: SliceRows, batch: Batch): boolean {
    const late = this.isLate(rows.sliceEnd);
    if (late) this.late.drop(batch, rows);
    return late;
  }

  private isLatePart(rows: SliceRows, counts: Pointer): boolean {
    const late = this.isLate(rows.sliceEnd);
    if (late) this.late.dropCounted(rows, counts);
    return late;
  }

  /** The end of the next window that has rows: windows without rows are passed over. */
  private nextWindow(): bigint | null {
    const { first } = this.slices;
    if (first === null) return null;
    if (!hasFired(first.end, this.progress)) return first.end;
    return this.geometry.windowEndAfter(this.progress + windowTime_us);
  }

  private fire(end: bigint): void {
    const start = this.geometry.windowStart(end);
    const slices = this.slices.between(start, end);
    if (slices.length === 0) return;
    this.context.metrics.add("numWindowsFired", 1);
    this.emit(start, end, slices);
    for (const slice of slices) if (this.geometry.lastWindow(slice.end) === end) this.expire(slice);
  }

  private emit(start: bigint, end: bigint, slices: readonly Slice[]): void {
    if (this.merged !== null) {
      // Rows of the merged table that wait for output would be changed by the merge.
      this.rows.flush();
      return this.rows.add(this.merged.merge(start, end, slices), start, end);
    }
    const [only] = slices;
    if (slices.length === 1 && only !== undefined) return this.rows.add(only.table, start, end);
    const merged = mergeSlices(this.layout, slices);
    this.rows.add(merged, start, end);
    this.rows.freeLater(merged);
  }

  private expire(slice: Slice): void {
    this.checkpoint.close(slice);
    this.slices.remove(slice);
    if (this.merged?.retire(slice) !== true) this.rows.freeLater(slice.table);
  }
}
