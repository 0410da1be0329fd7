import type { Column } from "../../contract/batch.ts";
import type { WindowAggregateSpec } from "../../contract/job-graph.ts";
import { ColumnBuffer } from "../../kernels/column-buffer.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import { windowTime_us } from "./geometry.ts";
import type { SliceLayout } from "./layout.ts";
import type { Assemble, RowWindows } from "./output-rows.ts";

const i64 = (values: BigInt64Array): Column => ({ phys: "i64", values, validity: null });

/** Rows with their slice's end: what a local phase sends, and what a checkpoint holds in another order. */
export function accumulatorOutput(layout: SliceLayout): (rows: Pointer, count: number) => readonly Column[] {
  const rowCounts = new ColumnBuffer();
  return (rows, count) => {
    const words = kernels().staging.bytes(count * 8);
    kernels().run.gather64(rows, count, layout.countOffset, words);
    return [...layout.aggregates.store(rows, count), rowCounts.i64(words, count, null)];
  };
}

/** Output of the local phase: keys, slice_end, accumulators, rows. */
export function localOutput(layout: SliceLayout): Assemble {
  const accumulators = accumulatorOutput(layout);
  return (rows, count, windows) => [...layout.keys.decode(rows, count), i64(windows.end), ...accumulators(rows, count)];
}

/** Output of a fired window: keys, aggregates, and the window columns asked for. */
export function windowOutput(spec: WindowAggregateSpec, layout: SliceLayout): Assemble {
  const keys = spec.keys.length;
  const attached = spec.window.kind === "attached";
  let times = new BigInt64Array(0);
  const windowTimes = (windows: RowWindows, count: number): Column => {
    if (times.length < count) times = new BigInt64Array(windows.end.length);
    for (let i = 0; i < count; i++) times[i] = (windows.end[i] as bigint) - windowTime_us;
    return i64(times);
  };
  return (rows, count, windows) => {
    const keyColumns = layout.keys.decode(rows, count);
    const start = attached ? (keyColumns[keys] as Column) : i64(windows.start);
    const columns = { window_start: () => start, window_end: () => i64(windows.end), window_time: () => windowTimes(windows, count) };
    return [...keyColumns.slice(0, keys), ...layout.aggregates.finish(rows, count), ...spec.windowColumns.map((name) => columns[name]())];
  };
}
