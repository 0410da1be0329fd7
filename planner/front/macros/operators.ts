import { macro } from "./macro.ts";

/** Postgres' operators. Their names are those that rewrite/operator-rules.ts writes. */
export const operatorMacros: readonly string[] = [
  // Division of integers is integer division; division by zero is NULL on both sides (DuckDB's //).
  macro(`"/"`, "(a, b) as a // b"),
  macro(`"@~"`, "(a, b) as regexp_matches(a, b)"),
  macro(`"!@~"`, "(a, b) as not regexp_matches(a, b)"),
  macro(`"~*"`, "(a, b) as regexp_matches(a, b, 'i')"),
  macro(`"!~*"`, "(a, b) as not regexp_matches(a, b, 'i')"),
  macro(`"@%"`, "(a, b) as regexp_full_match(a, replace(replace(b, '%', '.*'), '_', '.'))"),
  macro(`"!@%"`, "(a, b) as not regexp_full_match(a, replace(replace(b, '%', '.*'), '_', '.'))"),
  macro(`"|/"`, "(a) as sqrt(a)"),
  macro(`"||/"`, "(a) as cbrt(a)"),
  macro(`"@^"`, "(a, b) as xor(a, b)"),
  macro(`"@->"`, "(j, k) as json_extract(j, k)"),
  macro(`"@|>"`, "(j, p) as mr_json_path(j, p::varchar)"),
  macro(`"@|>>"`, "(j, p) as mr_json_path_text(j, p::varchar)"),
  macro(`"@!>"`, "(j, k) as mr_json_has(j, k)"),
  macro(`"@!|"`, "(j, ks) as coalesce(list_bool_or(list_transform(ks, lambda k: mr_json_has(j, k))), false)"),
  macro(`"@!&"`, "(j, ks) as coalesce(list_bool_and(list_transform(ks, lambda k: mr_json_has(j, k))), true)"),
];
