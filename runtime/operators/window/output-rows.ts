import { type Batch, batch_rows_target, type Column } from "../../contract/batch.ts";
import type { Output } from "../../contract/operator.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import type { AggregateTable } from "../../state/aggregate-table.ts";
import { staged } from "../../state/group-table.ts";

/** Start and end of the window (or end of the slice) of each output row. */
export interface RowWindows {
  readonly start: BigInt64Array;
  readonly end: BigInt64Array;
}

/** Makes output columns of packed rows. */
export type Assemble = (rows: Pointer, count: number, windows: RowWindows) => readonly Column[];

/**
 * Collects groups of many tables into output batches of the usual size: hourly windows of a few hundred groups would make
 * small batches else. Tables given to `freeLater` live until their rows are out.
 */
export class OutputRows {
  private readonly output: Output;
  private readonly assemble: Assemble;
  private readonly rows: Pointer;
  private readonly windows: RowWindows;
  private readonly toFree: AggregateTable[] = [];
  private readonly countOffset: number | null;
  private count = 0;

  /** `countOffset`: of the row counter in rows whose groups are left out when all their rows are retracted; null: all go out. */
  constructor(output: Output, countOffset: number | null, assemble: Assemble) {
    this.output = output;
    this.countOffset = countOffset;
    this.assemble = assemble;
    this.rows = kernels().run.allocate(batch_rows_target * 4) >>> 0;
    this.windows = { start: new BigInt64Array(batch_rows_target), end: new BigInt64Array(batch_rows_target) };
  }

  /** All groups of a table, with their window. */
  add(table: AggregateTable, start: bigint, end: bigint): void {
    let position: number | null = 0;
    while (position !== null) {
      if (this.count === batch_rows_target) this.flush();
      const into = this.rows + this.count * 4;
      const taken: { count: number; next: number | null } = table.rows(position, batch_rows_target - this.count, into);
      const live = this.countOffset === null ? taken.count : kernels().run.rowsPositive(into, taken.count, this.countOffset, into);
      this.windows.start.fill(start, this.count, this.count + live);
      this.windows.end.fill(end, this.count, this.count + live);
      this.count += live;
      position = taken.next;
    }
  }

  freeLater(table: AggregateTable): void {
    if (this.count === 0) table.free();
    else this.toFree.push(table);
  }

  /** Sends what is collected. */
  flush(): void {
    const rows = this.count;
    if (rows > 0) {
      this.count = 0;
      const batch: Batch = { rows, columns: staged(() => this.assemble(this.rows, rows, this.windows)), weights: null };
      this.output.batch(batch);
    }
    for (const table of this.toFree.splice(0)) table.free();
  }

  free(): void {
    for (const table of this.toFree.splice(0)) table.free();
    kernels().run.free(this.rows, batch_rows_target * 4);
  }
}
