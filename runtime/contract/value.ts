/**
 * One SQL value as a JavaScript value: for literals, tests, rows on the wire, never for hot loops.
 *
 * boolean -> boolean; tinyint..integer, utinyint, usmallint -> number; date -> number of days since 1970-01-01;
 * bigint, uinteger, ubigint, hugeint -> bigint; decimal -> bigint, scaled; time, timestamp, timestamptz -> bigint of µs;
 * real, double -> number; varchar, json, uuid -> string; blob -> Uint8Array; interval -> Interval; list -> array;
 * struct -> array in field order; map -> array of [key, value].
 */
export type Value = null | boolean | number | bigint | string | Uint8Array | Interval | readonly Value[];

export interface Interval {
  readonly months: number;
  readonly days: number;
  readonly micros: bigint;
}

export const isInterval = (value: Value): value is Interval =>
  typeof value === "object" && value !== null && "micros" in value && !(value instanceof Uint8Array);
