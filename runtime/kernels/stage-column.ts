import type { BytesColumn, Column, Validity } from "../contract/batch.ts";
import { type Kernels, kernels, type Pointer } from "./kernels.ts";

/** Copies of columns in the staging area, for the length of a mark. All take the first `rows` rows. */

export function stageI64(values: BigInt64Array, rows: number): Pointer {
  const k = kernels();
  const pointer = k.staging.bytes(rows * 8);
  k.heap().i64.set(values.subarray(0, rows), pointer >>> 3);
  return pointer;
}

export function stageF64(values: Float64Array, rows: number): Pointer {
  const k = kernels();
  const pointer = k.staging.bytes(rows * 8);
  k.heap().f64.set(values.subarray(0, rows), pointer >>> 3);
  return pointer;
}

export function stageI32(values: Int32Array, rows: number): Pointer {
  const k = kernels();
  const pointer = k.staging.bytes(rows * 4);
  k.heap().i32.set(values.subarray(0, rows), pointer >>> 2);
  return pointer;
}

export function stageU8(values: Uint8Array, rows: number): Pointer {
  const k = kernels();
  const pointer = k.staging.bytes(rows);
  k.heap().u8.set(values.subarray(0, rows), pointer);
  return pointer;
}

/** 0 where there is no NULL. */
export const stageValidity = (validity: Validity, rows: number): Pointer => (validity === null ? 0 : stageU8(validity, rows));

/** Integers of any width as 64-bit words. */
export function stageIntegers(column: Column, rows: number): Pointer {
  if (column.phys === "i64") return stageI64(column.values, rows);
  const { run, staging } = kernels();
  const words = staging.bytes(rows * 8);
  if (column.phys === "i32") run.widenI32(stageI32(column.values, rows), rows, words);
  else if (column.phys === "u8") run.widenU8(stageU8(column.values, rows), rows, words);
  else throw new Error(`invariant: a ${column.phys} column has no 64-bit integers`);
  return words;
}

/** Strings in linear memory: string i is [base + starts[i], base + ends[i]). `base` may be below the copy, modulo 2^32. */
export interface StagedStrings {
  readonly starts: Pointer;
  readonly ends: Pointer;
  readonly base: Pointer;
  /** 0 where there is no NULL. */
  readonly validity: Pointer;
}

export function stageStrings(column: BytesColumn, rows: number): StagedStrings {
  const k = kernels();
  const starts = stageI32(column.start, rows);
  const ends = stageI32(column.end, rows);
  const validity = stageValidity(column.validity, rows);
  const used = k.run.stringRange(starts, ends, validity, rows) >>> 0;
  const from = k.run.rangeFrom.value;
  const to = k.run.rangeTo.value;
  // Views into a large shared buffer with little of it used: copy string by string.
  if (to - from > 4 * used + 65_536) return { ...stageScattered(k, column, rows, used), validity };
  const bytes = k.staging.bytes(to - from);
  k.heap().u8.set(column.bytes.subarray(from, to), bytes);
  return { starts, ends, base: (bytes - from) >>> 0, validity };
}

function stageScattered(k: Kernels, column: BytesColumn, rows: number, used: number): Omit<StagedStrings, "validity"> {
  const base = k.staging.bytes(used);
  const starts = k.staging.bytes(rows * 4);
  const ends = k.staging.bytes(rows * 4);
  const { u8, i32 } = k.heap();
  let at = 0;
  for (let i = 0; i < rows; i++) {
    i32[(starts >>> 2) + i] = at;
    if (column.validity === null || column.validity[i] === 1) {
      const string = column.bytes.subarray(column.start[i], column.end[i]);
      u8.set(string, base + at);
      at += string.length;
    }
    i32[(ends >>> 2) + i] = at;
  }
  return { starts, ends, base };
}
