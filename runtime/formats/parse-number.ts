import type { SimpleTypeId } from "../contract/types.ts";

/** Texts of numbers; each function gives null for a text that is none, or is out of its type's range. */

export type IntegerTypeId = Extract<
  SimpleTypeId,
  "tinyint" | "smallint" | "integer" | "bigint" | "hugeint" | "utinyint" | "usmallint" | "uinteger" | "ubigint"
>;

const signed = (bits: bigint): readonly [bigint, bigint] => [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
const unsigned = (bits: bigint): readonly [bigint, bigint] => [0n, 2n ** bits - 1n];

/** Lowest and highest value. */
export const integerRange: Readonly<Record<IntegerTypeId, readonly [bigint, bigint]>> = {
  tinyint: signed(8n),
  smallint: signed(16n),
  integer: signed(32n),
  bigint: signed(64n),
  hugeint: signed(128n),
  utinyint: unsigned(8n),
  usmallint: unsigned(16n),
  uinteger: unsigned(32n),
  ubigint: unsigned(64n),
};

/** More digits than any type holds: a longer number is not even looked at. */
const digits_max = 400;
const exponent_max = 400;

interface Parts {
  /** The number is `digits` * 10^`exponent`. */
  readonly digits: bigint;
  readonly exponent: number;
}

const numberPattern = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,4}))?\s*$/i;

function partsOf(text: string): Parts | null {
  if (text.length > digits_max) return null;
  const found = numberPattern.exec(text);
  if (found === null) return null;
  const [, sign, whole = "", fraction = "", power = "0"] = found;
  if (whole === "" && fraction === "") return null;
  const digits = BigInt(whole + fraction);
  return { digits: sign === "-" ? -digits : digits, exponent: Number(power) - fraction.length };
}

/** The number times 10^`scale`, rounded half away from zero; null when it is no number. */
function scaled({ digits, exponent }: Parts, scale: number): bigint | null {
  const shift = exponent + scale;
  if (digits === 0n) return 0n;
  if (shift > exponent_max) return null;
  if (shift >= 0) return digits * 10n ** BigInt(shift);
  if (shift < -2 * digits_max) return 0n;
  const divisor = 10n ** BigInt(-shift);
  const half = divisor / 2n;
  return (digits >= 0n ? digits + half : digits - half) / divisor;
}

/** An integer; `1.0` and `1e3` are ones, `1.5` is none. */
export function parseInteger(id: IntegerTypeId, text: string): bigint | null {
  const parts = partsOf(text);
  if (parts === null) return null;
  const value = scaled(parts, 0);
  if (value === null || (parts.exponent < 0 && value * 10n ** BigInt(Math.min(-parts.exponent, 2 * digits_max)) !== parts.digits))
    return null;
  const [lowest, highest] = integerRange[id];
  return value >= lowest && value <= highest ? value : null;
}

/** The scaled integer of a DECIMAL(width, scale); digits beyond the scale are rounded half away from zero. */
export function parseDecimal(text: string, width: number, scale: number): bigint | null {
  const parts = partsOf(text);
  const value = parts === null ? null : scaled(parts, scale);
  if (value === null) return null;
  const limit = 10n ** BigInt(width);
  return value > -limit && value < limit ? value : null;
}

const floatPattern = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i;
const named: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
  "+inf": Number.POSITIVE_INFINITY,
  "+infinity": Number.POSITIVE_INFINITY,
  "-inf": Number.NEGATIVE_INFINITY,
  "-infinity": Number.NEGATIVE_INFINITY,
};

/** A DOUBLE; a finite number too large for one is null. */
export function parseDouble(text: string): number | null {
  if (!floatPattern.test(text)) {
    const name = text.trim().toLowerCase();
    return Object.hasOwn(named, name) ? (named[name] as number) : null;
  }
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/** A REAL, as the double that it widens to. */
export function parseReal(text: string): number | null {
  const value = parseDouble(text);
  if (value === null) return null;
  const real = Math.fround(value);
  return Number.isFinite(real) || !Number.isFinite(value) ? real : null;
}
