import type { BytesColumn, Column } from "../contract/batch.ts";

/** Whether two rows of a column hold the same value: NULL equals NULL, NaN equals NaN, -0 equals 0 (as hash.ts has it). */
export function sameValue(column: Column, a: number, b: number): boolean {
  const { validity } = column;
  if (validity !== null && (validity[a] === 0 || validity[b] === 0)) return validity[a] === validity[b];
  switch (column.phys) {
    case "u8":
      return column.values[a] === column.values[b];
    case "i32":
      return column.values[a] === column.values[b];
    case "i64":
      return column.values[a] === column.values[b];
    case "i128":
      return column.lo[a] === column.lo[b] && column.hi[a] === column.hi[b];
    case "f64":
      return sameFloat(column.values[a] as number, column.values[b] as number);
    case "bytes":
      return sameBytes(column, a, b);
    case "interval":
      return column.months[a] === column.months[b] && column.days[a] === column.days[b] && column.micros[a] === column.micros[b];
    case "list":
      return sameItems(column.child, column.start, column.end, a, b);
    case "struct":
      return column.fields.every((field) => sameValue(field, a, b));
  }
}

const sameFloat = (a: number, b: number): boolean => a === b || (Number.isNaN(a) && Number.isNaN(b));

function sameBytes({ bytes, start, end }: BytesColumn, a: number, b: number): boolean {
  const from = start[a] as number;
  const other = start[b] as number;
  const length = (end[a] as number) - from;
  if (length !== (end[b] as number) - other) return false;
  for (let i = 0; i < length; i++) if (bytes[from + i] !== bytes[other + i]) return false;
  return true;
}

function sameItems(child: Column, start: Int32Array, end: Int32Array, a: number, b: number): boolean {
  const from = start[a] as number;
  const other = start[b] as number;
  const items = (end[a] as number) - from;
  if (items !== (end[b] as number) - other) return false;
  for (let i = 0; i < items; i++) if (!sameValue(child, from + i, other + i)) return false;
  return true;
}
