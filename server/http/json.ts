import type { Batch, Column } from "../../runtime/contract/batch.ts";
import { valueAt } from "../../runtime/contract/rows.ts";
import { isInteger } from "../../runtime/contract/type-classes.ts";
import { formatText } from "../../runtime/contract/text.ts";
import type { Schema, SqlType } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * A value as JSON: integers as numbers while they are exact (beyond 2^53 as text), decimals, times, intervals and BLOBs as
 * Postgres text, NaN and infinities as text, lists and structs as arrays and objects, JSON columns as they are.
 */
export function toJson(type: SqlType, value: Value): Json {
  if (value === null) return null;
  switch (type.id) {
    case "boolean":
      return value as boolean;
    case "list":
      return (value as readonly Value[]).map((item) => toJson(type.element, item));
    case "struct":
      return Object.fromEntries(type.fields.map((field, i) => [field.name, toJson(field.type, (value as readonly Value[])[i] ?? null)]));
    case "map":
      return (value as readonly (readonly Value[])[]).map(([key, item]) => [
        toJson(type.key, key ?? null),
        toJson(type.value, item ?? null),
      ]);
    case "json":
      return parsed(value as string);
    default:
      return scalar(type, value);
  }
}

function scalar(type: SqlType, value: NonNullable<Value>): Json {
  if (isInteger(type)) {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (typeof value === "number" && (type.id === "double" || type.id === "real"))
    return Number.isFinite(value) ? value : formatText(type, value);
  return typeof value === "string" ? value : formatText(type, value);
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/** One object per row; a column name that comes twice gets a number behind it. */
export function* rowObjects(schema: Schema, batch: Batch): Generator<Readonly<Record<string, Json>>> {
  const names = uniqueNames(schema);
  for (let i = 0; i < batch.rows; i++) {
    yield Object.fromEntries(
      schema.columns.map((field, c) => [names[c] as string, toJson(field.type, valueAt(field.type, batch.columns[c] as Column, i))]),
    );
  }
}

export function uniqueNames(schema: Schema): readonly string[] {
  const seen = new Map<string, number>();
  return schema.columns.map(({ name }) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name}_${times}`;
  });
}
