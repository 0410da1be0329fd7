import type { Batch, Column, I64Column } from "../../contract/batch.ts";
import type { WindowGroupAggregateSpec } from "../../contract/job-graph.ts";
import { gatherBatch } from "../../expr/gather.ts";
import type { Window } from "../../windows/kind.ts";
import { windowAssigner } from "../../windows/registry.ts";

/** Rows with their windows: one per row and window that holds it. */
export interface WindowedRows {
  readonly batch: Batch;
  readonly starts: BigInt64Array;
  readonly ends: BigInt64Array;
  /** Rows of the batch that came in, all of whose windows are over. */
  readonly late: readonly number[];
}

/** The windows of a row of a batch. */
type WindowsOf = (batch: Batch) => (row: number) => readonly Window[];

/** How an operator's rows get their windows: from their time, or they carry one. */
export function windowsOf(spec: WindowGroupAggregateSpec): WindowsOf {
  const values = (batch: Batch, column: number): BigInt64Array => (batch.columns[column] as I64Column).values;
  const { window, timeColumn } = spec;
  if (window.kind === "attached") {
    return (batch) => {
      const [starts, ends] = [values(batch, window.startColumn), values(batch, timeColumn)];
      return (row) => [{ start_us: starts[row] as bigint, end_us: ends[row] as bigint }];
    };
  }
  const assign = windowAssigner(window);
  return (batch) => {
    const times = values(batch, timeColumn);
    return (row) => assign(times[row] as bigint);
  };
}

/** Gives rows their windows, but for those that are over. `isOver` says it of a window's end. */
export function windowedRows(windows: WindowsOf, batch: Batch, isOver: (end: bigint) => boolean): WindowedRows {
  const windowsOfRow = windows(batch);
  const selection: number[] = [];
  const starts: bigint[] = [];
  const ends: bigint[] = [];
  const late: number[] = [];
  for (let row = 0; row < batch.rows; row++) {
    const before = selection.length;
    for (const { start_us, end_us } of windowsOfRow(row)) {
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

export const i64 = (values: BigInt64Array): Column => ({ phys: "i64", values, validity: null });
