import type { Batch, Column, Validity } from "../contract/batch.ts";

/** The given rows of a batch, in order. Strings and list elements stay where they are: only their offsets are copied. */
export function gatherRows(batch: Batch, rows: Int32Array): Batch {
  return { rows: rows.length, columns: batch.columns.map((column) => gather(column, rows)), weights: null };
}

type Numbers = Uint8Array | Int32Array | Float64Array;

function pick<T extends Numbers>(from: T, rows: Int32Array, into: T): T {
  for (let i = 0; i < rows.length; i++) into[i] = from[rows[i] as number] as number;
  return into;
}

const bytes = (from: Uint8Array, rows: Int32Array): Uint8Array => pick(from, rows, new Uint8Array(rows.length));
const ints = (from: Int32Array, rows: Int32Array): Int32Array => pick(from, rows, new Int32Array(rows.length));
const validityOf = (from: Validity, rows: Int32Array): Validity => (from === null ? null : bytes(from, rows));

function longs(from: BigInt64Array, rows: Int32Array): BigInt64Array {
  const into = new BigInt64Array(rows.length);
  for (let i = 0; i < rows.length; i++) into[i] = from[rows[i] as number] as bigint;
  return into;
}

function gather(column: Column, rows: Int32Array): Column {
  const validity = validityOf(column.validity, rows);
  switch (column.phys) {
    case "u8":
      return { phys: "u8", values: bytes(column.values, rows), validity };
    case "i32":
      return { phys: "i32", values: ints(column.values, rows), validity };
    case "i64":
      return { phys: "i64", values: longs(column.values, rows), validity };
    case "i128":
      return { phys: "i128", lo: longs(column.lo, rows), hi: longs(column.hi, rows), validity };
    case "f64":
      return { phys: "f64", values: pick(column.values, rows, new Float64Array(rows.length)), validity };
    case "bytes":
      return { phys: "bytes", start: ints(column.start, rows), end: ints(column.end, rows), bytes: column.bytes, validity };
    case "interval":
      return {
        phys: "interval",
        months: ints(column.months, rows),
        days: ints(column.days, rows),
        micros: longs(column.micros, rows),
        validity,
      };
    case "list":
      return { ...column, start: ints(column.start, rows), end: ints(column.end, rows), validity };
    case "struct":
      return { phys: "struct", fields: column.fields.map((field) => gather(field, rows)), validity };
  }
}
