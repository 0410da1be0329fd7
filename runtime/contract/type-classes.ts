import type { SqlType } from "./types.ts";

const integerIds: ReadonlySet<string> = new Set([
  "tinyint",
  "smallint",
  "integer",
  "bigint",
  "hugeint",
  "utinyint",
  "usmallint",
  "uinteger",
  "ubigint",
]);

export const isInteger = (type: SqlType): boolean => integerIds.has(type.id);
export const isFloat = (type: SqlType): boolean => type.id === "real" || type.id === "double";
export const isNumeric = (type: SqlType): boolean => isInteger(type) || isFloat(type) || type.id === "decimal";
export const isTime = (type: SqlType): boolean =>
  type.id === "date" || type.id === "time" || type.id === "timestamp" || type.id === "timestamptz";
