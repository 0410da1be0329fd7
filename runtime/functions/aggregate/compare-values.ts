import { elementOf } from "../../contract/rows.ts";
import type { SqlType } from "../../contract/types.ts";
import { isInterval, type Value } from "../../contract/value.ts";

/** Orders values of one type as SQL does: NaN greatest, strings by bytes, intervals by their length, lists and structs from the left; NULL last. */
export function compareValues(type: SqlType, a: Value, b: Value): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (typeof a === "bigint" || typeof a === "boolean") return a < (b as typeof a) ? -1 : Number(a > (b as typeof a));
  if (typeof a === "number") return compareNumbers(a, b as number);
  if (typeof a === "string") return compareTexts(a, b as string);
  if (a instanceof Uint8Array) return Buffer.compare(a, b as Uint8Array);
  if (isInterval(a)) {
    const [x, y] = [length_us(a), length_us(b as typeof a)];
    return x < y ? -1 : Number(x > y);
  }
  return compareLists(type, a, b as readonly Value[]);
}

function compareNumbers(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : Number(a > b);
}

/** UTF-8 has the order of code points; UTF-16 has it but for surrogates, which stand for greater ones. */
function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x === y) continue;
    return isSurrogate(x) === isSurrogate(y) ? x - y : isSurrogate(x) ? 1 : -1;
  }
  return a.length - b.length;
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;

const day_us = 86_400_000_000n;
const month_days = 30n;

const length_us = ({ months, days, micros }: { months: number; days: number; micros: bigint }): bigint =>
  (BigInt(months) * month_days + BigInt(days)) * day_us + micros;

function compareLists(type: SqlType, a: readonly Value[], b: readonly Value[]): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const item = type.id === "struct" ? (type.fields[i]?.type ?? type) : elementOf(type);
    const order = compareValues(item, a[i] ?? null, b[i] ?? null);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
