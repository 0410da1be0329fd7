import { macro } from "./macro.ts";

/** Postgres' string_to_array: NULL separates characters, an empty text has no parts, an empty separator parts nothing. */
const parts = "case when d is null then string_split(s, '') when s = '' then [] when d = '' then [s] else string_split(s, d) end";

export const collectionMacros: readonly string[] = [
  macro("cardinality", "(a) as len(a)"),
  macro("array_length", "(a) as len(a)", "(a, d) as case when d = 1 then nullif(len(a), 0) end"),
  macro("array_upper", "(a, d) as case when d = 1 then nullif(len(a), 0) end"),
  macro("array_lower", "(a, d) as case when d = 1 and len(a) > 0 then 1 end"),
  macro("array_ndims", "(a) as case when len(a) > 0 then 1 end"),
  macro("array_position", "(a, x) as list_position(a, x)", "(a, x, f) as list_position(a[f:], x) + f - 1"),
  macro("array_positions", "(a, x) as list_filter(range(1, len(a) + 1), lambda i: a[i] is not distinct from x)"),
  macro("array_remove", "(a, x) as list_filter(a, lambda e: e is distinct from x)"),
  macro("array_replace", "(a, f, t) as list_transform(a, lambda e: case when e is not distinct from f then t else e end)"),
  macro("array_fill", "(x, d) as list_transform(range(d[1]), lambda i: x)"),
  macro("trim_array", "(a, n) as a[1:len(a) - n]"),
  macro("string_to_array", `(s, d) as ${parts}`, `(s, d, n) as list_transform(${parts}, lambda e: nullif(e, n))`),
  macro(
    "array_to_string",
    "(a, s) as list_aggr(a, 'string_agg', s)",
    "(a, s, n) as list_aggr(list_transform(a, lambda e: coalesce(e::varchar, n)), 'string_agg', s)",
  ),
  macro("array_join", "(a, s) as array_to_string(a, s)"),
  macro(
    "json_typeof",
    "(j) as case json_type(j) when 'VARCHAR' then 'string' when 'BIGINT' then 'number' when 'UBIGINT' then 'number' when 'DOUBLE' then 'number' else lower(json_type(j)) end",
  ),
  macro("jsonb_typeof", "(j) as json_typeof(j)"),
  macro("jsonb_array_length", "(j) as json_array_length(j)"),
  macro("to_jsonb", "(x) as to_json(x)"),
];
