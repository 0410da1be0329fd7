import { type BytesColumn, type Column, type ListColumn, words } from "../contract/batch.ts";

/** Whether a row of one column, or of several, equals a row of another. */
export type SameRow = (row: number, other: number) => boolean;

/** Whether all keys are equal: one call for the usual one to three. NULL equals NULL; keys that must not are left out before. */
export function sameRows(columns: readonly Column[], others: readonly Column[]): SameRow {
  const same = columns.map((column, c) => sameValues(column, others[c] as Column));
  const [a, b, c] = same;
  if (a === undefined) return () => true;
  if (b === undefined) return a;
  if (c === undefined) return (i, j) => a(i, j) && b(i, j);
  if (same.length === 3) return (i, j) => a(i, j) && b(i, j) && c(i, j);
  return (i, j) => {
    for (let k = 0; k < same.length; k++) if (!(same[k] as SameRow)(i, j)) return false;
    return true;
  };
}

/**
 * Equality of values of two columns of one physical kind, as grouping has it and hash.ts hashes: NULL = NULL, NaN = NaN, -0 = 0.
 * The columns are looked at once, so that a call compares no more than two values.
 */
export function sameValues(a: Column, b: Column): SameRow {
  const same = valueEquality(a, b);
  const x = a.validity;
  const y = b.validity;
  if (x === null && y === null) return same;
  return (i, j) => {
    const isValue = x === null || x[i] === 1;
    if (isValue !== (y === null || y[j] === 1)) return false;
    return !isValue || same(i, j);
  };
}

function valueEquality(a: Column, b: Column): SameRow {
  if (a.phys === "i64" && b.phys === "i64") return sameLongs(a.values, b.values);
  if (a.phys === "i32" && b.phys === "i32") return sameInts(a.values, b.values);
  if (a.phys === "u8" && b.phys === "u8") return (i, j) => a.values[i] === b.values[j];
  if (a.phys === "f64" && b.phys === "f64") return (i, j) => sameFloat(a.values[i] as number, b.values[j] as number);
  if (a.phys === "i128" && b.phys === "i128") return both(sameLongs(a.lo, b.lo), sameLongs(a.hi, b.hi));
  if (a.phys === "bytes" && b.phys === "bytes") return sameBytes(a, b);
  if (a.phys === "interval" && b.phys === "interval") {
    return both(both(sameInts(a.months, b.months), sameInts(a.days, b.days)), sameLongs(a.micros, b.micros));
  }
  if (a.phys === "list" && b.phys === "list") return sameLists(a, b);
  if (a.phys === "struct" && b.phys === "struct") return sameRows(a.fields, b.fields);
  throw new Error(`invariant: a column of kind ${a.phys} is compared with one of kind ${b.phys}`);
}

const both =
  (x: SameRow, y: SameRow): SameRow =>
  (i, j) =>
    x(i, j) && y(i, j);

const sameFloat = (a: number, b: number): boolean => a === b || (Number.isNaN(a) && Number.isNaN(b));

const sameInts =
  (a: Int32Array, b: Int32Array): SameRow =>
  (i, j) =>
    a[i] === b[j];

function sameLongs(a: BigInt64Array, b: BigInt64Array): SameRow {
  const x = words(a);
  const y = words(b);
  return (i, j) => x[2 * i] === y[2 * j] && x[2 * i + 1] === y[2 * j + 1];
}

function sameBytes(a: BytesColumn, b: BytesColumn): SameRow {
  return (i, j) => {
    const start = a.start[i] as number;
    const other = b.start[j] as number;
    const length = (a.end[i] as number) - start;
    if (length !== (b.end[j] as number) - other) return false;
    for (let k = 0; k < length; k++) if (a.bytes[start + k] !== b.bytes[other + k]) return false;
    return true;
  };
}

function sameLists(a: ListColumn, b: ListColumn): SameRow {
  const same = sameValues(a.child, b.child);
  return (i, j) => {
    const start = a.start[i] as number;
    const other = b.start[j] as number;
    const items = (a.end[i] as number) - start;
    if (items !== (b.end[j] as number) - other) return false;
    for (let k = 0; k < items; k++) if (!same(start + k, other + k)) return false;
    return true;
  };
}
