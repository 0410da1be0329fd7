import { SqlError } from "../../runtime/contract/errors.ts";
import { formatText } from "../../runtime/contract/text.ts";
import type { TypeId } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";
import type { Parameter } from "./execution.ts";

/** Types whose value says by itself what it is; all others reach the store as text, for a bare number of days is no DATE. */
const selfEvident: ReadonlySet<TypeId> = new Set<TypeId>([
  "boolean",
  "tinyint",
  "smallint",
  "integer",
  "bigint",
  "hugeint",
  "utinyint",
  "usmallint",
  "uinteger",
  "ubigint",
  "double",
  "varchar",
  "json",
  "blob",
  "interval",
]);

/**
 * The value to hand to `StoreConnection.query` for a bound parameter. Dates, times, decimals, reals and lists go as text,
 * which DuckDB casts to the type that the statement needs.
 */
export function storeValue({ type, value }: Parameter): Value {
  if (value === null || type === null || selfEvident.has(type.id)) return value;
  if (type.id === "struct" || type.id === "map") {
    throw new SqlError({ sqlState: "0A000", message: `a parameter of type ${type.id} is not supported` });
  }
  return type.id === "list" ? listText(type.element.id === "list", formatText(type, value)) : formatText(type, value);
}

/** DuckDB writes lists in brackets; braces are Postgres'. */
function listText(nested: boolean, text: string): string {
  if (nested) throw new SqlError({ sqlState: "0A000", message: "a parameter of a nested array type is not supported" });
  return `[${text.slice(1, -1)}]`;
}
