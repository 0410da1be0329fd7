import { type Field, mapEntry, type SqlType } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";
import type { Primitive } from "./values.ts";

/** Types with parts. Their values cross into the realm of functions as JSON, for nothing but primitives does. */
export type NestedType = Extract<SqlType, { id: "list" | "struct" | "map" }>;

export const isNested = (type: SqlType): type is NestedType => type.id === "list" || type.id === "struct" || type.id === "map";

/** Leaves, as `values.ts` converts them. */
export interface Leaves {
  readonly to: (type: SqlType, value: Exclude<Value, null>) => Primitive;
  readonly from: (type: SqlType, value: Exclude<Primitive, null>) => Value | undefined;
}

type Json = null | boolean | number | string | readonly Json[];

/** A list is an array, a struct the array of its fields, a map one of pairs; a number that JSON lacks, and a bigint, are text. */
export function toJson(type: SqlType, value: Value, leaves: Leaves): Json {
  if (value === null) return null;
  switch (type.id) {
    case "list":
      return (value as readonly Value[]).map((item) => toJson(type.element, item, leaves));
    case "struct":
      return type.fields.map((field, i) => toJson(field.type, (value as readonly Value[])[i] ?? null, leaves));
    case "map":
      return (value as readonly Value[]).map((entry) => toJson(mapEntry(type), entry, leaves));
    default: {
      const leaf = leaves.to(type, value);
      return typeof leaf === "bigint" || (typeof leaf === "number" && (!Number.isFinite(leaf) || Object.is(leaf, -0))) ? text(leaf) : leaf;
    }
  }
}

const text = (value: number | bigint): string => (Object.is(value, -0) ? "-0" : String(value));

/** undefined where some part is no value of its type. */
export function fromJson(type: SqlType, json: Json, leaves: Leaves): Value | undefined {
  if (json === null) return null;
  switch (type.id) {
    case "list":
      return Array.isArray(json) ? allOf(json.map((item: Json) => fromJson(type.element, item, leaves))) : undefined;
    case "struct":
      return Array.isArray(json) ? allOf(type.fields.map((f: Field, i) => fromJson(f.type, (json[i] ?? null) as Json, leaves))) : undefined;
    case "map":
      return Array.isArray(json) ? entriesOf(json.map((entry: Json) => fromJson(mapEntry(type), entry, leaves))) : undefined;
    default:
      return Array.isArray(json) ? undefined : leaves.from(type, leafOf(type, json as Exclude<Primitive, null>));
  }
}

const allOf = (values: readonly (Value | undefined)[]): Value | undefined =>
  values.every((value) => value !== undefined) ? (values as readonly Value[]) : undefined;

/** A map has no key twice, and none that is NULL. */
function entriesOf(entries: readonly (Value | undefined)[]): Value | undefined {
  const keys = entries.map((entry) => (entry as readonly Value[] | undefined)?.[0] ?? null);
  const shown = new Set(keys.map((key) => JSON.stringify(key, (_, part: unknown) => (typeof part === "bigint" ? `${part}n` : part))));
  return keys.includes(null) || shown.size < keys.length ? undefined : allOf(entries);
}

const asNumber: ReadonlySet<string> = new Set(["real", "double"]);
const asBigint: ReadonlySet<string> = new Set(["uinteger", "bigint", "ubigint", "hugeint"]);

function leafOf(type: SqlType, value: Exclude<Primitive, null>): Exclude<Primitive, null> {
  if (typeof value !== "string") return value;
  if (asNumber.has(type.id)) return /^(?:NaN|-?Infinity|-?\d+)$/.test(value) ? Number(value) : value;
  return asBigint.has(type.id) && /^-?\d+$/.test(value) ? BigInt(value) : value;
}

/**
 * The other side, within the realm of functions: an expression whose value makes readers and writers of a type. It is given and gives
 * back text; what a function returned is looked at there, so that its getters and proxies meet nothing of ours.
 */
export const guestConverters = `(() => {
const { parse, stringify } = JSON;
const bigints = { uinteger: true, bigint: true, ubigint: true, hugeint: true };
const numbers = { real: true, double: true };
const read = (type, x) => {
  if (x === null) return null;
  if (type.id === "list") return x.map((item) => read(type.element, item));
  if (type.id === "map") return new Map(x.map(([key, value]) => [read(type.key, key), read(type.value, value)]));
  if (type.id === "struct") {
    const made = {};
    type.fields.forEach((field, i) => Object.defineProperty(made, field.name,
      { value: read(field.type, x[i]), writable: true, enumerable: true, configurable: true }));
    return made;
  }
  if (bigints[type.id] === true) return BigInt(x);
  if (numbers[type.id] === true) return Number(x);
  return type.id === "json" ? parse(x) : x;
};
const wrong = (wanted, x) => new TypeError("it returned " + (x === null || typeof x !== "object" ? "a " + typeof x : Array.isArray(x) ? "an array" : "an object") + " where " + wanted + " is expected");
const fieldOf = (type, x, name) => {
  if (!type.fields.some((field) => field.name === name)) throw new TypeError("it returned a struct with a field " + name + ", which its type lacks");
};
const write = (type, x) => {
  if (x === null || x === undefined) return null;
  if (type.id === "list") {
    if (!Array.isArray(x)) throw wrong("an array", x);
    return Array.from(x, (item) => write(type.element, item));
  }
  if (type.id === "map") {
    if (typeof x !== "object" || Array.isArray(x)) throw wrong("a Map", x);
    const entries = x instanceof Map ? Array.from(x.entries()) : Object.entries(x);
    return entries.map(([key, value]) => [write(type.key, key), write(type.value, value)]);
  }
  if (type.id === "struct") {
    if (typeof x !== "object" || Array.isArray(x)) throw wrong("an object", x);
    Object.keys(x).forEach((name) => fieldOf(type, x, name));
    return type.fields.map((field) => write(field.type, x[field.name]));
  }
  if (type.id === "json") return stringify(x);
  if (typeof x === "bigint") return String(x);
  if (typeof x === "number") return Number.isFinite(x) && !Object.is(x, -0) ? x : Object.is(x, -0) ? "-0" : String(x);
  if (typeof x === "object" || typeof x === "function" || typeof x === "symbol") throw wrong("a value", x);
  return x;
};
return {
  reader: (json) => { const type = parse(json); return (text) => read(type, parse(text)); },
  writer: (json) => { const type = parse(json); return (value) => stringify(write(type, value)); },
};
})()`;
