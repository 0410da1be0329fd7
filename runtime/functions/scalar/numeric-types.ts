import { formatType, physicalOf, type SqlType } from "../../contract/types.ts";
import type { Code } from "./code.ts";

interface Range {
  readonly min: bigint;
  readonly max: bigint;
}

const signed = (bits: number): Range => ({ min: -(2n ** BigInt(bits - 1)), max: 2n ** BigInt(bits - 1) - 1n });
const unsigned = (bits: number): Range => ({ min: 0n, max: 2n ** BigInt(bits) - 1n });

const integerRanges: Partial<Record<SqlType["id"], Range>> = {
  tinyint: signed(8),
  smallint: signed(16),
  integer: signed(32),
  bigint: signed(64),
  hugeint: signed(128),
  utinyint: unsigned(8),
  usmallint: unsigned(16),
  uinteger: unsigned(32),
  ubigint: unsigned(64),
};

export const isInteger = (type: SqlType): boolean => type.id in integerRanges;
export const isFloat = (type: SqlType): boolean => type.id === "real" || type.id === "double";
export const isNumeric = (type: SqlType): boolean => isInteger(type) || isFloat(type) || type.id === "decimal";

/** The values of an integer or decimal type, decimals scaled. */
export function rangeOf(type: SqlType): Range {
  if (type.id === "decimal") {
    const max = 10n ** BigInt(type.width) - 1n;
    return { min: -max, max };
  }
  const range = integerRanges[type.id];
  if (range === undefined) throw new Error(`invariant: ${type.id} has no range of integers`);
  return range;
}

export const scaleOf = (type: SqlType): number => (type.id === "decimal" ? type.scale : 0);

/** A condition that is true where `value` (a number or BigInt by the type's lanes) lies outside the type. */
export function outside(code: Code, type: SqlType, value: string): string {
  const { min, max } = rangeOf(type);
  const bound = (b: bigint): string => code.constant(physicalOf(type) === "i32" ? Number(b) : b);
  return `(${value} > ${bound(max)} || ${value} < ${bound(min)})`;
}

/** A REAL is computed in double and rounded; both roundings together are exact for + - * / and %. */
export const rounded = (type: SqlType, value: string): string => (type.id === "real" ? `Math.fround(${value})` : value);

/** DuckDB's words for a type in its errors. */
export const errorType = (type: SqlType): string => (type.id === "decimal" ? formatType(type) : type.id.toUpperCase());
