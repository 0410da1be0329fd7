import type { Column } from "../../contract/batch.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import { stageF64, stageI32, stageI64, stageIntegers, stageU8 } from "../../kernels/stage-column.ts";

/** The columns of one batch as the aggregates want them, each staged once; good under the staging mark in force. */
export class StagedColumns {
  readonly columns: readonly Column[];
  readonly rows: number;
  /** Staged multiplicities (i32), 0 when every row counts once. */
  readonly weights: Pointer;
  private readonly staged = new Map<string, Pointer>();

  constructor(columns: readonly Column[], rows: number, weights: Int32Array | null = null) {
    this.columns = columns;
    this.rows = rows;
    this.weights = weights === null ? 0 : stageI32(weights, rows);
  }

  column(c: number): Column {
    return this.columns[c] as Column;
  }

  integers(c: number): Pointer {
    return this.once(`i${c}`, () => stageIntegers(this.column(c), this.rows));
  }

  floats(c: number): Pointer {
    return this.once(`f${c}`, () => stageF64(valuesOf(this.column(c)), this.rows));
  }

  /** Floats as integers of the same order. */
  floatOrder(c: number): Pointer {
    return this.once(`o${c}`, () => {
      const { run, staging } = kernels();
      const words = staging.bytes(this.rows * 8);
      run.floatOrder(this.floats(c), this.rows, words);
      return words;
    });
  }

  low(c: number): Pointer {
    return this.once(`l${c}`, () => stageI64(wideOf(this.column(c)).lo, this.rows));
  }

  high(c: number): Pointer {
    return this.once(`h${c}`, () => stageI64(wideOf(this.column(c)).hi, this.rows));
  }

  /** 0 where the column has no NULL in this batch. */
  validity(c: number): Pointer {
    const { validity } = this.column(c);
    return validity === null ? 0 : this.once(`v${c}`, () => stageU8(validity, this.rows));
  }

  /** 1 where every mask is 1; a mask may be 0 (all ones). */
  both(a: Pointer, b: Pointer): Pointer {
    if (a === 0) return b;
    if (b === 0 || a === b) return a;
    return this.once(`&${a},${b}`, () => {
      const { run, staging } = kernels();
      const into = staging.bytes(this.rows);
      run.andMask(a, b, this.rows, into);
      return into;
    });
  }

  /** A FILTER column: rows where it is true. */
  truth(c: number): Pointer {
    const column = this.column(c);
    if (column.phys !== "u8") throw new Error("invariant: a FILTER is a BOOLEAN column");
    const values = this.once(`b${c}`, () => stageU8(column.values, this.rows));
    return this.both(values, this.validity(c));
  }

  private once(name: string, stage: () => Pointer): Pointer {
    const known = this.staged.get(name);
    if (known !== undefined) return known;
    const pointer = stage();
    this.staged.set(name, pointer);
    return pointer;
  }
}

/** What one call sees of a batch: the staged columns, the rows that its FILTER (and DISTINCT) leave, and their weights. */
export interface AggregateInput {
  readonly staged: StagedColumns;
  readonly mask: Pointer;
  readonly weights: Pointer;
}

/** Rows that the call's mask leaves and whose arguments are not NULL. */
export function validMask(input: AggregateInput, columns: readonly number[]): Pointer {
  return columns.reduce((mask, c) => input.staged.both(mask, input.staged.validity(c)), input.mask);
}

const valuesOf = (column: Column): Float64Array => {
  if (column.phys !== "f64") throw new Error(`invariant: a ${column.phys} column has no floats`);
  return column.values;
};

const wideOf = (column: Column): Extract<Column, { phys: "i128" }> => {
  if (column.phys !== "i128") throw new Error(`invariant: a ${column.phys} column has no 128-bit integers`);
  return column;
};
