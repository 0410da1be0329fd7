/**
 * The columnar batch: about 4,096 rows of typed arrays (design section 4).
 *
 * Laws:
 * - An array of a column may be longer than the batch has rows; `Batch.rows` alone counts.
 * - A batch is *borrowed*: whoever receives it may read it until its call returns and must copy what it keeps.
 *   So a producer may reuse its arrays for the next batch.
 * - `validity` is null where a column has no NULL; else 1 = value, 0 = NULL. The value below a NULL is arbitrary
 *   but in range (offsets stay inside `bytes`).
 * - `weights` is null for append-only batches; else +n inserts and -n deletes (design D6).
 */
export type Validity = Uint8Array | null;

export interface U8Column {
  readonly phys: "u8";
  readonly values: Uint8Array;
  readonly validity: Validity;
}
export interface I32Column {
  readonly phys: "i32";
  readonly values: Int32Array;
  readonly validity: Validity;
}
export interface I64Column {
  readonly phys: "i64";
  readonly values: BigInt64Array;
  readonly validity: Validity;
}
/** value = hi * 2^64 + (lo as unsigned 64 bit). */
export interface I128Column {
  readonly phys: "i128";
  readonly lo: BigInt64Array;
  readonly hi: BigInt64Array;
  readonly validity: Validity;
}
export interface F64Column {
  readonly phys: "f64";
  readonly values: Float64Array;
  readonly validity: Validity;
}
/** Views into shared bytes: value i is bytes[start[i], end[i]). VARCHAR and JSON are UTF-8; UUID is its 36-character text. */
export interface BytesColumn {
  readonly phys: "bytes";
  readonly start: Int32Array;
  readonly end: Int32Array;
  readonly bytes: Uint8Array;
  readonly validity: Validity;
}
export interface IntervalColumn {
  readonly phys: "interval";
  readonly months: Int32Array;
  readonly days: Int32Array;
  readonly micros: BigInt64Array;
  readonly validity: Validity;
}
/** Value i is the rows [start[i], end[i]) of `child`. */
export interface ListColumn {
  readonly phys: "list";
  readonly start: Int32Array;
  readonly end: Int32Array;
  readonly child: Column;
  readonly childRows: number;
  readonly validity: Validity;
}
export interface StructColumn {
  readonly phys: "struct";
  readonly fields: readonly Column[];
  readonly validity: Validity;
}
export type Column = U8Column | I32Column | I64Column | I128Column | F64Column | BytesColumn | IntervalColumn | ListColumn | StructColumn;

export interface Batch {
  readonly rows: number;
  readonly columns: readonly Column[];
  readonly weights: Int32Array | null;
}

/** Rows that sources and operators aim at (kernels.md section 10: 2,048 to 8,192 are equal). */
export const batch_rows_target = 4_096;

/** The same 8 bytes a value as two 32-bit words, low word first: for hashing and equality without a BigInt. */
export const words = (values: BigInt64Array): Int32Array => new Int32Array(values.buffer, values.byteOffset, values.length * 2);
