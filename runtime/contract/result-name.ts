/** Column names that DuckDB makes up from an expression, as Postgres would: `count_star()` is `count`, `(a + 1)` is `?column?`. */
export function resultName(name: string): string {
  if (name === "count_star()") return "count";
  const call = /^"?(?:main"?\.)?"?([a-z_]\w*)"?\(.*\)$/is.exec(name);
  if (call?.[1] !== undefined) return call[1].toLowerCase() === "cast" ? castName(name) : call[1];
  return /^\(.*\)$/s.test(name) ? "?column?" : name;
}

/** `CAST(x AS INTEGER)`: the column's own name if it is one, else the type's. */
function castName(name: string): string {
  const [, operand = "", type = ""] = /^cast\((.*) AS (.*)\)$/is.exec(name) ?? [];
  return /^\w+$/.test(operand) && !/^\d/.test(operand) ? operand : type.toLowerCase().split("(")[0] || "?column?";
}
