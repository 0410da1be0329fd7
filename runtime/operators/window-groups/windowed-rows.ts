import type { Batch, Column, I64Column } from "../../contract/batch.ts";
import type { WindowGroupAggregateSpec } from "../../contract/job-graph.ts";
import { gatherBatch } from "../../expr/gather.ts";
import { assignWindows } from "../../windows/registry.ts";

/** Rows with their windows: one per row and window that holds it. */
export interface WindowedRows {
  readonly batch: Batch;
  readonly starts: BigInt64Array;
  readonly ends: BigInt64Array;
  /** Rows of the batch that came in, all of whose windows are over. */
  readonly late: readonly number[];
}

/** Gives rows their windows, but for those that are over. `isOver` says it of a window's end. */
export function windowedRows(spec: WindowGroupAggregateSpec, batch: Batch, isOver: (end: bigint) => boolean): WindowedRows {
  const windows = spec.window.kind === "attached" ? attachedWindows(spec.window.startColumn, spec.timeColumn, batch) : null;
  const times = (batch.columns[spec.timeColumn] as I64Column).values;
  const selection: number[] = [];
  const starts: bigint[] = [];
  const ends: bigint[] = [];
  const late: number[] = [];
  for (let row = 0; row < batch.rows; row++) {
    const assigned = windows?.(row) ?? (spec.window.kind === "attached" ? [] : assignWindows(spec.window, times[row] as bigint));
    const before = selection.length;
    for (const { start_us, end_us } of assigned) {
      if (isOver(end_us)) continue;
      selection.push(row);
      starts.push(start_us);
      ends.push(end_us);
    }
    if (selection.length === before) late.push(row);
  }
  const same = late.length === 0 && selection.length === batch.rows;
  return {
    batch: same ? batch : gatherBatch(batch, Int32Array.from(selection), selection.length),
    starts: BigInt64Array.from(starts),
    ends: BigInt64Array.from(ends),
    late,
  };
}

function attachedWindows(startColumn: number, endColumn: number, batch: Batch) {
  const starts = (batch.columns[startColumn] as I64Column).values;
  const ends = (batch.columns[endColumn] as I64Column).values;
  return (row: number) => [{ start_us: starts[row] as bigint, end_us: ends[row] as bigint }];
}

export const i64 = (values: BigInt64Array): Column => ({ phys: "i64", values, validity: null });
