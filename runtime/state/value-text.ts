import { elementOf } from "../contract/rows.ts";
import type { SqlType } from "../contract/types.ts";
import { isInterval, type Value } from "../contract/value.ts";

/**
 * SQL values as JSON text and back: the key form of nested values. Equal SQL values have equal texts: -0 is 0, an interval is
 * normalised (30 days are a month, as DuckDB groups).
 */
export const valueToText = (value: Value): string => JSON.stringify(toJson(value));

export const valueFromText = (type: SqlType, text: string): Value => fromJson(type, JSON.parse(text) as Json);

type Json = null | boolean | number | string | readonly Json[];

function toJson(value: Value): Json {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") return Number.isFinite(value) ? value + 0 : String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("latin1");
  if (isInterval(value)) {
    const { months, days, micros } = normalInterval(value.months, value.days, value.micros);
    return [months, days, micros.toString()];
  }
  return (value as readonly Value[]).map(toJson);
}

function fromJson(type: SqlType, json: Json): Value {
  if (json === null) return null;
  switch (type.id) {
    case "bigint":
    case "hugeint":
    case "uinteger":
    case "ubigint":
    case "time":
    case "timestamp":
    case "timestamptz":
    case "decimal":
      return BigInt(json as string);
    case "real":
    case "double":
      return Number(json);
    case "blob":
      return Uint8Array.from(Buffer.from(json as string, "latin1"));
    case "interval": {
      const [months, days, micros] = json as [number, number, string];
      return { months, days, micros: BigInt(micros) };
    }
    case "list":
    case "map":
      return (json as readonly Json[]).map((item) => fromJson(elementOf(type), item));
    case "struct":
      return type.fields.map((field, i) => fromJson(field.type, (json as readonly Json[])[i] ?? null));
    default:
      return json as boolean | number | string;
  }
}

const day_us = 86_400_000_000n;
const month_days = 30n;

/** Carries whole days out of the micros and whole months out of the days (DuckDB's Interval::Normalize). */
export function normalInterval(months: number, days: number, micros: bigint): { months: number; days: number; micros: bigint } {
  const allDays = BigInt(days) + micros / day_us;
  return { months: months + Number(allDays / month_days), days: Number(allDays % month_days), micros: micros % day_us };
}
