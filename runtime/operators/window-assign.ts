import type { Batch, Column, I64Column } from "../contract/batch.ts";
import type { AnyWindowSpec, WindowAssignSpec, WindowSpec } from "../contract/job-graph.ts";
import type { Operator, OperatorDefinition, Output } from "../contract/operator.ts";
import { gatherBatch } from "../expr/gather.ts";
import { assignSliceEnds, windowAssigner, windowsPerRow } from "../windows/registry.ts";
import type { Window } from "../windows/kind.ts";
import { windowTime_us } from "./window/geometry.ts";

/** Rows that leave in one batch when each row becomes many. */
const outputRows_max = 16_384;

class WindowAssign implements Operator {
  readonly #spec: WindowAssignSpec;
  readonly #output: Output;
  #columns: WindowColumns = new WindowColumns(0);

  readonly #assign: (time_us: bigint) => readonly Window[];

  constructor(spec: WindowAssignSpec, output: Output) {
    this.#spec = spec;
    this.#assign = windowAssigner(spec.window);
    this.#output = output;
  }

  batch(batch: Batch): void {
    const times = batch.columns[this.#spec.timeColumn] as I64Column;
    const { window } = this.#spec;
    if (window.kind === "tumble") this.#tumble(batch, times, window);
    else this.#expand(batch, times, window);
  }

  watermark(watermark: bigint): void {
    this.#output.watermark(watermark);
  }

  idle(idle: boolean): void {
    this.#output.idle(idle);
  }

  /** A row without a time gets NULL windows, as in the batch answer. */
  #tumble(batch: Batch, times: I64Column, window: Extract<WindowSpec, { readonly kind: "tumble" }>): void {
    const columns = this.#reserve(batch.rows);
    assignSliceEnds(times.values, batch.rows, window, columns.end);
    columns.derive(batch.rows, window.size_us);
    this.#output.batch({ ...batch, columns: [...batch.columns, ...columns.asColumns(times.validity)] });
  }

  /** One row per window that holds it; a row without a time is in none. */
  #expand(batch: Batch, times: I64Column, window: AnyWindowSpec): void {
    const columns = this.#reserve(Math.max(outputRows_max, windowsPerRow(window)));
    const selection = new Int32Array(columns.end.length);
    let rows = 0;
    const flush = (): void => {
      if (rows === 0) return;
      const expanded = gatherBatch(batch, selection, rows);
      this.#output.batch({ ...expanded, columns: [...expanded.columns, ...columns.asColumns(null)] });
      rows = 0;
    };
    for (let i = 0; i < batch.rows; i++) {
      if (times.validity !== null && times.validity[i] === 0) continue;
      const windows = this.#assign(times.values[i] as bigint);
      if (rows + windows.length > columns.end.length) flush();
      for (const w of windows) {
        columns.set(rows, w);
        selection[rows++] = i;
      }
    }
    flush();
  }

  #reserve(rows: number): WindowColumns {
    if (this.#columns.end.length < rows) this.#columns = new WindowColumns(rows);
    return this.#columns;
  }
}

/** The arrays of window_start, window_end and window_time, reused for every batch. */
class WindowColumns {
  readonly start: BigInt64Array;
  readonly end: BigInt64Array;
  readonly time: BigInt64Array;

  constructor(rows: number) {
    this.start = new BigInt64Array(rows);
    this.end = new BigInt64Array(rows);
    this.time = new BigInt64Array(rows);
  }

  set(row: number, window: Window): void {
    this.start[row] = window.start_us;
    this.end[row] = window.end_us;
    this.time[row] = window.end_us - windowTime_us;
  }

  /** Start and time from the end. */
  derive(rows: number, size_us: bigint): void {
    const { start, end, time } = this;
    for (let i = 0; i < rows; i++) {
      const e = end[i] as bigint;
      start[i] = BigInt.asIntN(64, e - size_us);
      time[i] = BigInt.asIntN(64, e - windowTime_us);
    }
  }

  asColumns(validity: Uint8Array | null): readonly Column[] {
    return [this.start, this.end, this.time].map((values) => ({ phys: "i64", values, validity }));
  }
}

export const windowAssign: OperatorDefinition<WindowAssignSpec> = {
  op: "windowAssign",
  doc: "Appends window_start, window_end and window_time to each row, once per window that holds it.",
  stateTables: () => [],
  create: (spec, _context, output) => new WindowAssign(spec, output),
};
