import type { Batch, Column, Validity } from "../contract/batch.ts";

/** A column's rows at the first `rows` positions of `selection`, in new arrays; strings and list elements stay where they are. */
export function gatherColumn(column: Column, selection: Int32Array, rows: number): Column {
  const validity = gatherValidity(column.validity, selection, rows);
  const i32 = (from: Int32Array): Int32Array => gatherInto(from, new Int32Array(rows), selection, rows);
  const i64 = (from: BigInt64Array): BigInt64Array => gatherBig(from, new BigInt64Array(rows), selection, rows);
  switch (column.phys) {
    case "u8":
      return { ...column, values: gatherInto(column.values, new Uint8Array(rows), selection, rows), validity };
    case "i32":
      return { ...column, values: i32(column.values), validity };
    case "f64":
      return { ...column, values: gatherInto(column.values, new Float64Array(rows), selection, rows), validity };
    case "i64":
      return { ...column, values: i64(column.values), validity };
    case "i128":
      return { ...column, lo: i64(column.lo), hi: i64(column.hi), validity };
    case "bytes":
      return { ...column, start: i32(column.start), end: i32(column.end), validity };
    case "list":
      return { ...column, start: i32(column.start), end: i32(column.end), validity };
    case "interval":
      return { ...column, months: i32(column.months), days: i32(column.days), micros: i64(column.micros), validity };
    case "struct":
      return { ...column, fields: column.fields.map((field) => gatherColumn(field, selection, rows)), validity };
  }
}

const gatherValidity = (validity: Validity, selection: Int32Array, rows: number): Validity =>
  validity === null ? null : gatherInto(validity, new Uint8Array(rows), selection, rows);

function gatherInto<A extends Int32Array | Uint8Array | Float64Array>(from: A, into: A, selection: Int32Array, rows: number): A {
  for (let k = 0; k < rows; k++) into[k] = from[selection[k] as number] as number;
  return into;
}

function gatherBig(from: BigInt64Array, into: BigInt64Array, selection: Int32Array, rows: number): BigInt64Array {
  for (let k = 0; k < rows; k++) into[k] = from[selection[k] as number] as bigint;
  return into;
}

export function gatherWeights(weights: Int32Array, selection: Int32Array, rows: number, into: Int32Array): Int32Array {
  for (let k = 0; k < rows; k++) into[k] = weights[selection[k] as number] as number;
  return into;
}

/** Rows at the first `rows` positions of `selection`, in new arrays. */
export const gatherBatch = (batch: Batch, selection: Int32Array, rows: number): Batch => ({
  rows,
  columns: batch.columns.map((column) => gatherColumn(column, selection, rows)),
  weights: batch.weights === null ? null : gatherWeights(batch.weights, selection, rows, new Int32Array(rows)),
});
