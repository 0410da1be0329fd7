import type { Batch } from "../../contract/batch.ts";
import type { WindowAggregateSpec } from "../../contract/job-graph.ts";
import { limits } from "../../contract/limits.ts";
import type { Operator, OperatorContext, Output, Watermark } from "../../contract/operator.ts";
import { localOutput } from "./columns.ts";
import { type WindowGeometry, geometryOf, hasFired } from "./geometry.ts";
import { SliceLayout } from "./layout.ts";
import { OutputRows } from "./output-rows.ts";
import { SliceFeed } from "./slice-feed.ts";
import { type Slice, Slices } from "./slices.ts";

/**
 * Pre-aggregates per slice in front of an exchange. Sends slices that the watermark ended, and everything at barriers, at the
 * end, and beyond a number of groups; so nothing of it is ever in a checkpoint. Which rows are late is the global phase's to say.
 */
export class LocalWindowAggregate implements Operator {
  private readonly output: Output;
  private readonly geometry: WindowGeometry;
  private readonly layout: SliceLayout;
  private readonly slices: Slices;
  private readonly feed: SliceFeed;
  private readonly rows: OutputRows;

  constructor(spec: WindowAggregateSpec, context: OperatorContext, output: Output) {
    const [input] = context.inputs;
    if (input === undefined) throw new Error("invariant: a window aggregate has an input");
    this.output = output;
    this.geometry = geometryOf(spec.window);
    this.layout = new SliceLayout(spec, input);
    this.slices = new Slices(this.layout);
    this.feed = new SliceFeed(spec, this.geometry, this.layout, this.slices);
    this.rows = new OutputRows(output, null, localOutput(this.layout));
  }

  batch(batch: Batch): void {
    this.feed.addRows(batch, () => false, false);
    if (this.slices.groups > limits.localGroups_max) this.send(this.slices.take());
  }

  watermark(watermark: Watermark): void {
    this.send(this.slices.take((slice) => hasFired(slice.end, watermark)));
    this.output.watermark(watermark);
  }

  idle(idle: boolean): void {
    this.output.idle(idle);
  }

  prepareBarrier(): void {
    this.send(this.slices.take());
  }

  finish(): void {
    this.send(this.slices.take());
  }

  close(): void {
    for (const slice of this.slices.take()) slice.table.free();
    this.rows.free();
    this.feed.free();
    this.layout.free();
  }

  private send(slices: readonly Slice[]): void {
    for (const slice of slices) {
      this.rows.add(slice.table, this.geometry.windowStart(slice.end), slice.end);
      this.rows.freeLater(slice.table);
    }
    this.rows.flush();
  }
}
