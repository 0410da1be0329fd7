import type { Column } from "./batch.ts";

/** A column of NULLs, of the physical kind of another one. */
export function nullsOf(like: Column, rows: number): Column {
  const validity = new Uint8Array(rows);
  switch (like.phys) {
    case "u8":
      return { phys: "u8", values: new Uint8Array(rows), validity };
    case "i32":
      return { phys: "i32", values: new Int32Array(rows), validity };
    case "f64":
      return { phys: "f64", values: new Float64Array(rows), validity };
    case "i64":
      return { phys: "i64", values: new BigInt64Array(rows), validity };
    case "i128":
      return { phys: "i128", lo: new BigInt64Array(rows), hi: new BigInt64Array(rows), validity };
    case "bytes":
      return { ...like, start: new Int32Array(rows), end: new Int32Array(rows), validity };
    case "interval":
      return { phys: "interval", months: new Int32Array(rows), days: new Int32Array(rows), micros: new BigInt64Array(rows), validity };
    case "list":
      return { ...like, start: new Int32Array(rows), end: new Int32Array(rows), validity };
    case "struct":
      return { phys: "struct", fields: like.fields.map((field) => nullsOf(field, rows)), validity };
  }
}
