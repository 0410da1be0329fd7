import { decimalText } from "../contract/text-number.ts";
import { dateText } from "../contract/text-time.ts";
import { formatType, type SqlType, type TypeId } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";
import { fromJson, isNested, type Leaves, type NestedType, toJson } from "./nested.ts";
import { parseDate } from "./parse-date.ts";

/** A value on its way to a function of JavaScript and back: a primitive, for nothing else crosses into its realm. */
export type Primitive = string | number | bigint | boolean | null;

interface Mapping {
  /** For docs and declarations. */
  readonly typescript: string;
  readonly toJavascript: (value: never, type: never) => Primitive;
  /** undefined where it is no value of the type. */
  readonly fromJavascript: (value: Exclude<Primitive, null>, type: never) => Value | undefined;
}

const same = (value: Primitive): Primitive => value;
const wholeNumber =
  (min: number, max: number): Mapping["fromJavascript"] =>
  (value) => {
    const number = typeof value === "bigint" ? Number(value) : value;
    return typeof number === "number" && Number.isInteger(number) && number >= min && number <= max ? number : undefined;
  };

const signed = (bits: number): readonly [number, number] => [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
const integer = (min: number, max: number): Mapping => ({
  typescript: "number",
  toJavascript: same,
  fromJavascript: wholeNumber(min, max),
});

const big = (min: bigint, max: bigint): Mapping => ({
  typescript: "bigint",
  toJavascript: same,
  fromJavascript: (value) => {
    const whole = typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
    return typeof whole === "bigint" && whole >= min && whole <= max ? whole : undefined;
  },
});

const float: Mapping = {
  typescript: "number",
  toJavascript: same,
  fromJavascript: (value) => (typeof value === "bigint" ? Number(value) : typeof value === "number" ? value : undefined),
};

const text: Mapping = {
  typescript: "string",
  toJavascript: same,
  fromJavascript: (value) => (typeof value === "string" ? value : undefined),
};

/** µs since 1970 (of a TIME: since midnight), as a number: exact from the year 1684 to 2255. */
const micros: Mapping = {
  typescript: "number",
  toJavascript: (value: bigint) => Number(value),
  fromJavascript: (value) =>
    typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : typeof value === "bigint" ? value : undefined,
};

type Decimal = Extract<SqlType, { id: "decimal" }>;

function readDecimal(value: Exclude<Primitive, null>, { width, scale }: Decimal): bigint | undefined {
  const [, sign, whole = "", fraction = ""] = /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(String(value)) ?? [];
  if (sign === undefined || typeof value === "boolean") return undefined;
  const digits = BigInt(whole + fraction.slice(0, scale).padEnd(scale, "0")) + (Number(fraction[scale] ?? 0) >= 5 ? 1n : 0n);
  return digits < 10n ** BigInt(width) ? (sign === "-" ? -digits : digits) : undefined;
}

const mappings: Partial<Record<TypeId, Mapping>> = {
  boolean: { typescript: "boolean", toJavascript: same, fromJavascript: (value) => (typeof value === "boolean" ? value : undefined) },
  tinyint: integer(...signed(8)),
  smallint: integer(...signed(16)),
  integer: integer(...signed(32)),
  utinyint: integer(0, 255),
  usmallint: integer(0, 65_535),
  uinteger: big(0n, 2n ** 32n - 1n),
  bigint: big(-(2n ** 63n), 2n ** 63n - 1n),
  ubigint: big(0n, 2n ** 64n - 1n),
  hugeint: big(-(2n ** 127n), 2n ** 127n - 1n),
  real: { ...float, fromJavascript: (value) => (typeof value === "number" ? Math.fround(value) : undefined) },
  double: float,
  decimal: {
    typescript: "string",
    toJavascript: (value: bigint, { scale }: Decimal) => decimalText(value, scale),
    fromJavascript: readDecimal,
  },
  varchar: text,
  uuid: text,
  json: { ...text, typescript: "unknown" },
  date: { typescript: "string", toJavascript: (value: number) => dateText(value), fromJavascript: (value) => parseDate(value) },
  time: micros,
  timestamp: micros,
  timestamptz: micros,
};

/** Values of a type with parts are JSON between the realms, and arrays, objects and Maps within that of functions. */
export function hasJavascript(type: SqlType): boolean {
  switch (type.id) {
    case "list":
      return hasJavascript(type.element);
    case "struct":
      return type.fields.every((field) => hasJavascript(field.type));
    case "map":
      return hasJavascript(type.key) && hasJavascript(type.value);
    default:
      return mappings[type.id] !== undefined;
  }
}

function mappingOf(type: SqlType): Mapping {
  const mapping = mappings[type.id];
  if (mapping === undefined) throw new Error(`invariant: functions of JavaScript take no ${formatType(type)}`);
  return mapping;
}

const plainName = /^[A-Za-z_$][\w$]*$/;

/** The TypeScript type of a value that is not NULL. */
export function typescriptOf(type: SqlType): string {
  switch (type.id) {
    case "list":
      return `(${orNull(type.element)})[]`;
    case "struct":
      return `{ ${type.fields.map((f) => `${plainName.test(f.name) ? f.name : JSON.stringify(f.name)}: ${orNull(f.type)}`).join("; ")} }`;
    case "map":
      return `Map<${typescriptOf(type.key)}, ${orNull(type.value)}>`;
    default:
      return mappingOf(type).typescript;
  }
}

const orNull = (type: SqlType): string => (type.id === "json" ? typescriptOf(type) : `${typescriptOf(type)} | null`);

const leaves: Leaves = {
  to: (type, value) => toJavascript(type)(value),
  from: (type, value) => fromJavascript(type)(value),
};

/** Converts values of one type; looked up once per column. */
export function toJavascript(type: SqlType): (value: Value) => Primitive {
  if (isNested(type)) return (value) => (value === null ? null : JSON.stringify(toJson(type, value, leaves)));
  const convert = mappingOf(type).toJavascript as (value: Value, type: SqlType) => Primitive;
  return (value) => (value === null ? null : convert(value, type));
}

/** undefined where a result is no value of the declared type. */
export function fromJavascript(type: SqlType): (value: Primitive) => Value | undefined {
  if (isNested(type)) return (value) => nestedFrom(type, value);
  const convert = mappingOf(type).fromJavascript as (value: Primitive, type: SqlType) => Value | undefined;
  return (value) => (value === null ? null : convert(value, type));
}

const nestedFrom = (type: NestedType, value: Primitive): Value | undefined =>
  value === null ? null : fromJson(type, JSON.parse(String(value)) as Parameters<typeof fromJson>[1], leaves);
