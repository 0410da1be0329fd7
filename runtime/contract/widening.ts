import { sameType, type SqlType } from "./types.ts";

/** Decimal digits that every value of an integer type fits in. */
const digits: Partial<Record<SqlType["id"], number>> = {
  tinyint: 3,
  utinyint: 3,
  smallint: 5,
  usmallint: 5,
  integer: 10,
  uinteger: 10,
  bigint: 19,
  ubigint: 20,
};

/** Types that hold every value of another one exactly. */
const wider: Partial<Record<SqlType["id"], readonly SqlType["id"][]>> = {
  tinyint: ["smallint", "integer", "bigint", "hugeint", "real", "double"],
  utinyint: ["smallint", "usmallint", "integer", "uinteger", "bigint", "ubigint", "hugeint", "real", "double"],
  smallint: ["integer", "bigint", "hugeint", "real", "double"],
  usmallint: ["integer", "uinteger", "bigint", "ubigint", "hugeint", "real", "double"],
  integer: ["bigint", "hugeint", "double"],
  uinteger: ["bigint", "ubigint", "hugeint", "double"],
  bigint: ["hugeint"],
  ubigint: ["hugeint"],
  real: ["double"],
  date: ["timestamp"],
  uuid: ["varchar"],
  json: ["varchar"],
};

/** Whether a cast from one type to the other keeps every value. */
export function isWidening(from: SqlType, to: SqlType): boolean {
  if (sameType(from, to)) return true;
  if (from.id === "list" && to.id === "list") return isWidening(from.element, to.element);
  if (to.id !== "decimal") return wider[from.id]?.includes(to.id) ?? false;
  if (from.id === "decimal") return to.scale >= from.scale && to.width - to.scale >= from.width - from.scale;
  const needed = digits[from.id];
  return needed !== undefined && to.width - to.scale >= needed;
}
