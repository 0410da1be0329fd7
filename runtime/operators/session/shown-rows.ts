import type { Batch, Column } from "../../contract/batch.ts";
import { gatherBatch } from "../../expr/gather.ts";
import { windowTime_us } from "../window/geometry.ts";

interface Change {
  readonly row: number;
  readonly start: bigint;
  readonly end: bigint;
}

interface Bounds {
  readonly start: bigint;
  readonly end: bigint;
}

/** With which window each row was shown, and what is to be sent. Rows are numbers of a row table. */
export class ShownRows {
  readonly #isRevised: boolean;
  readonly #bounds = new Map<number, Bounds>();
  #retracted: Change[] = [];
  #added: Change[] = [];

  /** Without `isRevised` rows are shown once, and nothing needs to be known of them afterwards. */
  constructor(isRevised: boolean) {
    this.#isRevised = isRevised;
  }

  show(rows: readonly number[], start: bigint, end: bigint): void {
    const bounds = { start, end };
    for (const row of rows) {
      const shown = this.#bounds.get(row);
      if (shown?.start === start && shown.end === end) continue;
      if (shown !== undefined) this.#retracted.push({ row, ...shown });
      this.#added.push({ row, ...bounds });
      if (this.#isRevised) this.#bounds.set(row, bounds);
    }
  }

  hide(rows: readonly number[]): void {
    for (const row of rows) {
      const shown = this.#bounds.get(row);
      if (shown === undefined) continue;
      this.#retracted.push({ row, ...shown });
      this.#bounds.delete(row);
    }
  }

  /** Rows were shown before a restore. */
  mark(rows: readonly number[], start: bigint, end: bigint): void {
    if (this.#isRevised) for (const row of rows) this.#bounds.set(row, { start, end });
  }

  /** The row's number may be another's. */
  forget(row: number): void {
    this.#bounds.delete(row);
  }

  /** Batches to send: rows with their windows; those taken back first. */
  take(table: Batch): readonly Batch[] {
    const batches = [batchOf(table, this.#retracted, -1), batchOf(table, this.#added, this.#isRevised ? 1 : null)];
    this.#retracted = [];
    this.#added = [];
    return batches.filter((batch) => batch.rows > 0);
  }
}

function batchOf(table: Batch, changes: readonly Change[], weight: 1 | -1 | null): Batch {
  const rows = changes.length;
  const gathered = gatherBatch(
    { ...table, weights: null },
    Int32Array.from(changes, ({ row }) => row),
    rows,
  );
  const ends = BigInt64Array.from(changes, ({ end }) => end);
  const starts = BigInt64Array.from(changes, ({ start }) => start);
  const windows = [starts, ends, ends.map((end) => end - windowTime_us)].map((values): Column => ({ phys: "i64", values, validity: null }));
  return { rows, columns: [...gathered.columns, ...windows], weights: weight === null ? null : new Int32Array(rows).fill(weight) };
}
