import { assert } from "../../runtime/contract/errors.ts";

/** Values of the plan's JSON. Integers beyond 15 digits are bigints: nothing is rounded. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

const tokens = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Not JSON's own grammar: DuckDB writes NaN and Infinity bare, and integers of any length. */
export function parsePlanJson(text: string): JsonObject {
  const standard = text.replace(tokens, (token) => {
    if (token[0] === '"') return token;
    if (/[NI]/.test(token)) return `{"$float":"${token}"}`;
    return token.length > 15 && /^-?\d+$/.test(token) ? `{"$integer":"${token}"}` : token;
  });
  return object(JSON.parse(standard, revive) as Json);
}

function revive(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("$integer" in value) return BigInt(value.$integer as string);
  return "$float" in value ? Number(value.$float) : value;
}

export function object(value: Json | undefined): JsonObject {
  assert(typeof value === "object" && value !== null && !Array.isArray(value), "the plan has an object here");
  return value as JsonObject;
}

/** A field that is a list; absent means empty. */
export function list(from: JsonObject, key: string): readonly Json[] {
  const value = from[key] ?? [];
  assert(Array.isArray(value), `the plan's ${key} is a list`);
  return value as readonly Json[];
}

export const objects = (from: JsonObject, key: string): readonly JsonObject[] => list(from, key).map(object);

/** A field that is text; absent means empty. */
export function text(from: JsonObject, key: string): string {
  const value = from[key] ?? "";
  assert(typeof value === "string", `the plan's ${key} is text`);
  return value;
}

export const flag = (from: JsonObject, key: string, absent = false): boolean => {
  const value = from[key] ?? absent;
  assert(typeof value === "boolean", `the plan's ${key} is a boolean`);
  return value;
};

export const number = (value: Json | undefined): number => {
  assert(value === undefined || typeof value === "number" || typeof value === "bigint", "the plan has a number here");
  return Number(value ?? 0);
};

export const integer = (value: Json | undefined): bigint => {
  assert(value === undefined || typeof value === "number" || typeof value === "bigint", "the plan has an integer here");
  return BigInt(value ?? 0);
};

/** A field that is an index or a count; DuckDB leaves out zeros. */
export const index = (from: JsonObject, key: string): number => number(from[key]);

export const indexes = (from: JsonObject, key: string): readonly number[] => list(from, key).map(number);
