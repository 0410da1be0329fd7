import type { Batch, Column, Validity } from "./batch.ts";

/** Rows [from, to) of a batch, as views of its arrays. */
export function sliceBatch(batch: Batch, from: number, to: number): Batch {
  return {
    rows: to - from,
    columns: batch.columns.map((column) => sliceColumn(column, from, to)),
    weights: batch.weights?.subarray(from, to) ?? null,
  };
}

function sliceColumn(column: Column, from: number, to: number): Column {
  const validity: Validity = column.validity?.subarray(from, to) ?? null;
  switch (column.phys) {
    case "u8":
      return { ...column, values: column.values.subarray(from, to), validity };
    case "i32":
      return { ...column, values: column.values.subarray(from, to), validity };
    case "i64":
      return { ...column, values: column.values.subarray(from, to), validity };
    case "f64":
      return { ...column, values: column.values.subarray(from, to), validity };
    case "i128":
      return { ...column, lo: column.lo.subarray(from, to), hi: column.hi.subarray(from, to), validity };
    case "bytes":
    case "list":
      return { ...column, start: column.start.subarray(from, to), end: column.end.subarray(from, to), validity };
    case "interval":
      return {
        ...column,
        months: column.months.subarray(from, to),
        days: column.days.subarray(from, to),
        micros: column.micros.subarray(from, to),
        validity,
      };
    case "struct":
      return { ...column, fields: column.fields.map((field) => sliceColumn(field, from, to)), validity };
  }
}
