import type { Column } from "../contract/batch.ts";
import { physicalOf, type Physical, type SqlType } from "../contract/types.ts";

type TypedArray = Uint8Array | Int32Array | BigInt64Array | Float64Array;

const i32 = (rows: number): TypedArray => new Int32Array(rows);
const i64 = (rows: number): TypedArray => new BigInt64Array(rows);

/** The arrays that a kernel fills for one column; strings keep theirs in the heap or in an input column. */
const laneArrays: Readonly<Record<Physical, readonly ((rows: number) => TypedArray)[]>> = {
  u8: [(rows) => new Uint8Array(rows)],
  i32: [i32],
  i64: [i64],
  i128: [i64, i64],
  f64: [(rows) => new Float64Array(rows)],
  bytes: [i32, i32],
  interval: [i32, i32, i64],
  list: [],
  struct: [],
};

/** The arrays of one computed column, reused for every batch. */
export class OutputColumn {
  readonly #physical: Physical;
  #lanes: readonly TypedArray[] = [];
  #validity = new Uint8Array(0);

  constructor(type: SqlType) {
    this.#physical = physicalOf(type);
  }

  reserve(rows: number): void {
    if (this.#validity.length >= rows) return;
    this.#lanes = laneArrays[this.#physical].map((make) => make(rows));
    this.#validity = new Uint8Array(rows);
  }

  /** In the order in which the kernel stores: lanes, then validity when the value may be NULL. */
  arrays(nullable: boolean): readonly TypedArray[] {
    return nullable ? [...this.#lanes, this.#validity] : this.#lanes;
  }

  /** What the kernel filled, as a column. `bytes` is the array that strings point into. */
  column(hasNulls: boolean, bytes: Uint8Array | null): Column {
    const validity = hasNulls ? this.#validity : null;
    const [a, b, c] = this.#lanes;
    switch (this.#physical) {
      case "u8":
        return { phys: "u8", values: a as Uint8Array, validity };
      case "i32":
        return { phys: "i32", values: a as Int32Array, validity };
      case "i64":
        return { phys: "i64", values: a as BigInt64Array, validity };
      case "f64":
        return { phys: "f64", values: a as Float64Array, validity };
      case "i128":
        return { phys: "i128", lo: a as BigInt64Array, hi: b as BigInt64Array, validity };
      case "bytes":
        return { phys: "bytes", start: a as Int32Array, end: b as Int32Array, bytes: bytes as Uint8Array, validity };
      case "interval":
        return { phys: "interval", months: a as Int32Array, days: b as Int32Array, micros: c as BigInt64Array, validity };
      default:
        throw new Error(`invariant: a kernel does not make a ${this.#physical}`);
    }
  }
}
