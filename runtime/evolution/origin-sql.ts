import { quoteText, quoteName } from "../contract/quote.ts";
import { formatType } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";
import type { ColumnOrigin } from "./match-columns.ts";

/** The values of a column of the new table, as DuckDB computes them from a row of the old one. */
export function originSql(origin: ColumnOrigin): string {
  if (origin.kind === "value") return `${literal(origin.value)}::${formatType(origin.type)}`;
  const column = quoteName(origin.name);
  return origin.cast === null ? column : `CAST(${column} AS ${formatType(origin.cast)})`;
}

function literal(value: Value): string {
  if (value === null) return "NULL";
  if (typeof value === "string") return quoteText(value);
  return Array.isArray(value) ? "[]" : String(value);
}
