import type { Column, Validity } from "../../contract/batch.ts";

/** Rows of one decoded batch at most. */
export const decode_rows_max = 4_096;

/** One column of a batch in the making, filled row by row from text. Its arrays are used again for the next batch. */
export interface Cell {
  /** Forgets the rows; texts of the next ones lie in `bytes`. */
  begin(bytes: Buffer): void;
  /** Reads bytes[start, end) as the row's value; false when it is no value of the column's type. Bytes are UTF-8. */
  put(row: number, start: number, end: number): boolean;
  putNull(row: number): void;
  column(rows: number): Column;
}

/** NULLs of a cell: all rows are valid until one is said not to be. */
export class CellValidity {
  private readonly flags = new Uint8Array(decode_rows_max).fill(1);
  private nulls = false;

  begin(): void {
    if (this.nulls) this.flags.fill(1);
    this.nulls = false;
  }

  setNull(row: number): void {
    this.flags[row] = 0;
    this.nulls = true;
  }

  /** A row may be read again after it was NULL or bad. */
  setValid(row: number): void {
    if (this.nulls) this.flags[row] = 1;
  }

  build(): Validity {
    return this.nulls ? this.flags : null;
  }
}

const minus = 0x2d;
const zero = 0x30;
/** Any integer of so many digits is exact as a double. */
const exactDigits_max = 15;

/** The integer that bytes[start, end) write in plain digits, at most 15 of them; NaN for anything else. */
export function plainInteger(bytes: Uint8Array, start: number, end: number): number {
  const negative = bytes[start] === minus;
  let i = negative ? start + 1 : start;
  if (i === end || end - i > exactDigits_max) return Number.NaN;
  let value = 0;
  for (; i < end; i++) {
    const digit = (bytes[i] as number) - zero;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return negative ? -value : value;
}
