import type { Column, Validity } from "../contract/batch.ts";
import type { LayoutNode } from "./frame-layout.ts";

/** Rows to append: `selection[from, to)` of a column, or its rows [from, to) when `selection` is null. */
export interface RowRange {
  readonly selection: Int32Array | null;
  readonly from: number;
  readonly to: number;
}

/** Gathers rows of many columns of one type into one compact column of its own. */
export interface ColumnBuilder {
  append(column: Column, range: RowRange): void;
  /** Views of what was appended, valid until the next `append` or `clear`. */
  build(): Column;
  /** Forgets the rows, keeps the memory. */
  clear(): void;
  /** Bytes of variable length held: strings, children of lists. */
  variableBytes(): number;
}

export type MakeColumnBuilder = (node: LayoutNode) => ColumnBuilder;

const rows_min = 64;

export const grownCapacity = (have: number, need: number): number => {
  let capacity = Math.max(have, rows_min);
  while (capacity < need) capacity *= 2;
  return capacity;
};

/** The validity part of every builder: there is no array until the first NULL. */
export class ValidityBuilder {
  private bits: Uint8Array | null = null;

  append(validity: Validity, range: RowRange, at: number): void {
    if (validity === null) {
      if (this.bits !== null) this.reserve(at, at + range.to - range.from).fill(1, at, at + range.to - range.from);
      return;
    }
    const bits = this.reserve(at, at + range.to - range.from);
    const { selection, from, to } = range;
    if (selection === null) bits.set(validity.subarray(from, to), at);
    else for (let k = from; k < to; k++) bits[at + k - from] = validity[selection[k] as number] as number;
  }

  build(rows: number): Validity {
    return this.bits === null ? null : this.bits.subarray(0, rows);
  }

  clear(): void {
    this.bits = null;
  }

  /** Room for `need` rows; the first `have` of them are kept. */
  private reserve(have: number, need: number): Uint8Array {
    const old = this.bits;
    if (old !== null && old.length >= need) return old;
    const bits = new Uint8Array(grownCapacity(old?.length ?? 0, need));
    if (old === null) bits.fill(1, 0, have);
    else bits.set(old.subarray(0, have));
    this.bits = bits;
    return bits;
  }
}
