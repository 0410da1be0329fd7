import { SqlError } from "../../runtime/contract/errors.ts";
import { formatType, type SqlType, type TypeId } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";
import type { Parameter } from "../session/execution.ts";
import type { Decimal } from "./numeric.ts";
import { parseArray } from "./parse-array.ts";
import { parseDate, parseInterval, parseTime, parseTimestamp } from "./parse-time.ts";

const pgNames: Readonly<Partial<Record<TypeId, string>>> = { real: "real", double: "double precision", decimal: "numeric", blob: "bytea" };

const nameOf = (type: SqlType): string => pgNames[type.id] ?? formatType(type).toLowerCase();

const unreadable = (type: SqlType, text: string): SqlError =>
  new SqlError({ sqlState: "22P02", message: `invalid input syntax for type ${nameOf(type)}: "${text}"` });

const outOfRange = (type: SqlType, text: string): SqlError =>
  new SqlError({ sqlState: "22003", message: `value "${text}" is out of range for type ${nameOf(type)}` });

/** Bounds of the whole-number types, both included. */
const ranges: ReadonlyMap<string, readonly [bigint, bigint]> = new Map([
  ["tinyint", [-128n, 127n]],
  ["utinyint", [0n, 255n]],
  ["smallint", [-32_768n, 32_767n]],
  ["usmallint", [0n, 65_535n]],
  ["integer", [-(2n ** 31n), 2n ** 31n - 1n]],
  ["uinteger", [0n, 2n ** 32n - 1n]],
  ["bigint", [-(2n ** 63n), 2n ** 63n - 1n]],
  ["ubigint", [0n, 2n ** 64n - 1n]],
  ["hugeint", [-(2n ** 127n), 2n ** 127n - 1n]],
]);

/** A parameter in Postgres' text form as a value. A decimal keeps the scale it was written with, which its type then says. */
export function parseParameter(type: SqlType | null, text: string): Parameter {
  if (type === null) return { type, value: text };
  if (type.id !== "decimal") return { type, value: parseValue(type, text) };
  return decimalParameter(parseDecimal(text));
}

export const decimalParameter = ({ scaled, scale }: Decimal): Parameter => ({ type: { id: "decimal", width: 38, scale }, value: scaled });

/** Throws SqlError 22P02, 22003, 22007, 22008. */
export function parseValue(type: SqlType, text: string): Value {
  switch (type.id) {
    case "boolean":
      return parseBoolean(text);
    case "tinyint":
    case "utinyint":
    case "smallint":
    case "usmallint":
    case "integer":
      return Number(parseInteger(type, text));
    case "uinteger":
    case "bigint":
    case "ubigint":
    case "hugeint":
      return parseInteger(type, text);
    case "real":
    case "double":
      return parseFloatText(type, text);
    case "decimal":
      return parseScaled(type.scale, text);
    case "date":
      return parseDate(text);
    case "time":
      return parseTime(text);
    case "timestamp":
    case "timestamptz":
      return parseTimestamp(text, type.id === "timestamptz");
    case "interval":
      return parseInterval(text);
    case "uuid":
      return parseUuid(type, text);
    case "blob":
      return parseBytea(text);
    case "list":
      return parseArray(text, (item) => parseValue(type.element, item));
    case "varchar":
    case "json":
      return text;
    case "struct":
    case "map":
      throw new SqlError({ sqlState: "0A000", message: `parameters of type ${nameOf(type)} are not supported` });
  }
}

function parseBoolean(text: string): boolean {
  const word = text.trim().toLowerCase();
  if (/^(t|tr|tru|true|y|ye|yes|on|1)$/.test(word)) return true;
  if (/^(f|fa|fal|fals|false|n|no|of|off|0)$/.test(word)) return false;
  throw unreadable({ id: "boolean" }, text);
}

function parseInteger(type: SqlType, text: string): bigint {
  const digits = text.trim();
  if (!/^[+-]?\d+$/.test(digits)) throw unreadable(type, text);
  if (digits.length > 60) throw outOfRange(type, text);
  const value = BigInt(digits.replace(/^\+/, ""));
  const [min, max] = ranges.get(type.id) as readonly [bigint, bigint];
  if (value < min || value > max) throw outOfRange(type, text);
  return value;
}

function parseFloatText(type: SqlType, text: string): number {
  const word = text.trim();
  if (/^nan$/i.test(word)) return Number.NaN;
  const infinite = /^([+-]?)inf(inity)?$/i.exec(word);
  if (infinite !== null) return infinite[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word)) throw unreadable(type, text);
  const value = type.id === "real" ? Math.fround(Number(word)) : Number(word);
  if (!Number.isFinite(value)) throw outOfRange(type, text);
  return value;
}

const numericType: SqlType = { id: "decimal", width: 38, scale: 0 };
const decimalDigits_max = 38;

/** Exact, with the scale of the text; exponents are applied. */
function parseDecimal(text: string): Decimal {
  const match = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,4}))?\s*$/i.exec(text);
  const [, sign, whole = "", fraction = "", exponent = "0"] = match ?? [];
  const digits = whole + fraction;
  if (match === null || digits === "") {
    throw /^\s*(nan|[+-]?inf(inity)?)\s*$/i.test(text) ? outOfRange(numericType, text) : unreadable(numericType, text);
  }
  const scale = fraction.length - Number(exponent);
  const padded = scale < 0 ? digits + "0".repeat(Math.min(-scale, 100)) : digits;
  const significant = padded.replace(/^0+/, "");
  if (Math.max(significant.length, scale) > decimalDigits_max) throw outOfRange(numericType, text);
  const size = BigInt(padded);
  return { scaled: sign === "-" ? -size : size, scale: Math.max(scale, 0) };
}

/** Inside an array every element takes the array's scale. */
function parseScaled(scale: number, text: string): bigint {
  const decimal = parseDecimal(text);
  if (decimal.scale <= scale) return decimal.scaled * 10n ** BigInt(scale - decimal.scale);
  const divisor = 10n ** BigInt(decimal.scale - scale);
  const half = decimal.scaled < 0n ? -divisor / 2n : divisor / 2n;
  return (decimal.scaled + half) / divisor;
}

function parseUuid(type: SqlType, text: string): string {
  const hex = text
    .trim()
    .toLowerCase()
    .replace(/^\{(.*)\}$/, "$1")
    .replaceAll("-", "");
  if (!/^[0-9a-f]{32}$/.test(hex)) throw unreadable(type, text);
  return uuidText(hex);
}

export const uuidText = (hex: string): string =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;

/** Hex form `\x0aff`, or the older escape form with `\\` and octal `\ooo`. */
function parseBytea(text: string): Uint8Array {
  if (text.startsWith("\\x")) {
    const hex = text.slice(2).replaceAll(/\s/g, "");
    if (!/^([0-9a-f]{2})*$/i.test(hex)) throw new SqlError({ sqlState: "22023", message: "invalid hexadecimal data" });
    return Uint8Array.from(Buffer.from(hex, "hex"));
  }
  const parts = text.split(/(\\\\|\\[0-3][0-7]{2})/);
  if (parts.some((part, i) => i % 2 === 0 && part.includes("\\"))) throw unreadable({ id: "blob" }, text);
  return Uint8Array.from(Buffer.concat(parts.map((part, i) => Buffer.from(i % 2 === 0 ? part : unescaped(part)))));
}

const unescaped = (escape: string): Uint8Array => Uint8Array.of(escape === "\\\\" ? 0x5c : Number.parseInt(escape.slice(1), 8));
