import { type BytesColumn, type Column, type ListColumn, words } from "../contract/batch.ts";
import type { SortKey } from "../contract/ordering.ts";
import { normalInterval } from "./value-text.ts";

/** Negative when the row of the first column comes before that of the second, 0 when neither does. */
export type CompareRows = (row: number, other: number) => number;

/** The order that sort keys give: negative when `row` comes first. Peers are 0. */
export function compareBy(order: readonly SortKey[], columns: readonly Column[], others: readonly Column[] = columns): CompareRows {
  const compares = order.map((key) => compareKey(key, columns[key.column] as Column, others[key.column] as Column));
  const [first, second] = compares;
  if (first === undefined) return () => 0;
  if (second === undefined) return first;
  return (i, j) => {
    for (let k = 0; k < compares.length; k++) {
      const c = (compares[k] as CompareRows)(i, j);
      if (c !== 0) return c;
    }
    return 0;
  };
}

/** Sort keys for every column: what makes an order total. */
export const wholeRow = (columns: number): readonly SortKey[] =>
  Array.from({ length: columns }, (_, column) => ({ column, descending: false, nullsFirst: false }));

export function compareKey({ descending, nullsFirst }: Omit<SortKey, "column">, a: Column, b: Column): CompareRows {
  const compare = descending ? reversed(a, b) : compareValues(a, b);
  const x = a.validity;
  const y = b.validity;
  if (x === null && y === null) return compare;
  const nullComes = nullsFirst ? -1 : 1;
  return (i, j) => {
    const isNull = x !== null && x[i] === 0;
    const otherIsNull = y !== null && y[j] === 0;
    if (isNull || otherIsNull) return isNull && otherIsNull ? 0 : isNull ? nullComes : -nullComes;
    return compare(i, j);
  };
}

function reversed(a: Column, b: Column): CompareRows {
  const values = compareValues(b, a);
  return (i, j) => values(j, i);
}

/** DuckDB's order of values: NaN is the greatest number, -0 = 0, strings by bytes, a shorter list or struct before what it begins. NULL is not looked at. */
export function compareValues(a: Column, b: Column): CompareRows {
  if (a.phys === "i64" && b.phys === "i64") return longs(a.values, b.values);
  if (a.phys === "i32" && b.phys === "i32") return numbers(a.values, b.values);
  if (a.phys === "u8" && b.phys === "u8") return numbers(a.values, b.values);
  if (a.phys === "f64" && b.phys === "f64") return floats(a.values, b.values);
  if (a.phys === "i128" && b.phys === "i128") return wide(a, b);
  if (a.phys === "bytes" && b.phys === "bytes") return bytes(a, b);
  if (a.phys === "interval" && b.phys === "interval") return intervals(a, b);
  if (a.phys === "list" && b.phys === "list") return lists(a, b);
  if (a.phys === "struct" && b.phys === "struct") return compareBy(wholeRow(a.fields.length), a.fields, b.fields);
  throw new Error(`invariant: a column of kind ${a.phys} is ordered against one of kind ${b.phys}`);
}

const numbers =
  (a: Int32Array | Uint8Array, b: Int32Array | Uint8Array): CompareRows =>
  (i, j) =>
    (a[i] as number) - (b[j] as number);

/** By words, so that no BigInt is made: the high one signed, the low one unsigned. */
function longs(a: BigInt64Array, b: BigInt64Array): CompareRows {
  const x = words(a);
  const y = words(b);
  return (i, j) => {
    const high = (x[2 * i + 1] as number) - (y[2 * j + 1] as number);
    return high !== 0 ? high : ((x[2 * i] as number) >>> 0) - ((y[2 * j] as number) >>> 0);
  };
}

function unsignedLongs(a: BigInt64Array, b: BigInt64Array): CompareRows {
  const x = words(a);
  const y = words(b);
  return (i, j) => {
    const high = ((x[2 * i + 1] as number) >>> 0) - ((y[2 * j + 1] as number) >>> 0);
    return high !== 0 ? high : ((x[2 * i] as number) >>> 0) - ((y[2 * j] as number) >>> 0);
  };
}

function wide(a: Extract<Column, { phys: "i128" }>, b: Extract<Column, { phys: "i128" }>): CompareRows {
  const high = longs(a.hi, b.hi);
  const low = unsignedLongs(a.lo, b.lo);
  return (i, j) => high(i, j) || low(i, j);
}

function floats(a: Float64Array, b: Float64Array): CompareRows {
  return (i, j) => {
    const x = a[i] as number;
    const y = b[j] as number;
    if (x < y) return -1;
    if (x > y) return 1;
    return x === y ? 0 : Number(Number.isNaN(x)) - Number(Number.isNaN(y));
  };
}

function bytes(a: BytesColumn, b: BytesColumn): CompareRows {
  return (i, j) => {
    const start = a.start[i] as number;
    const other = b.start[j] as number;
    const length = (a.end[i] as number) - start;
    const otherLength = (b.end[j] as number) - other;
    const common = Math.min(length, otherLength);
    for (let k = 0; k < common; k++) {
      const difference = (a.bytes[start + k] as number) - (b.bytes[other + k] as number);
      if (difference !== 0) return difference;
    }
    return length - otherLength;
  };
}

function intervals(a: Extract<Column, { phys: "interval" }>, b: Extract<Column, { phys: "interval" }>): CompareRows {
  const normal = (c: typeof a, i: number): ReturnType<typeof normalInterval> =>
    normalInterval(c.months[i] as number, c.days[i] as number, c.micros[i] as bigint);
  return (i, j) => {
    const x = normal(a, i);
    const y = normal(b, j);
    return x.months - y.months || x.days - y.days || (x.micros < y.micros ? -1 : x.micros > y.micros ? 1 : 0);
  };
}

/** NULL items come last. */
function lists(a: ListColumn, b: ListColumn): CompareRows {
  const items = compareKey({ descending: false, nullsFirst: false }, a.child, b.child);
  return (i, j) => {
    const start = a.start[i] as number;
    const other = b.start[j] as number;
    const length = (a.end[i] as number) - start;
    const otherLength = (b.end[j] as number) - other;
    const common = Math.min(length, otherLength);
    for (let k = 0; k < common; k++) {
      const c = items(start + k, other + k);
      if (c !== 0) return c;
    }
    return length - otherLength;
  };
}
