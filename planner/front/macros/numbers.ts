import { macro, variadic } from "./macro.ts";

const bucket = (distance: string, width: string): string => `floor((${distance}) * n // (${width})::double)::integer + 1`;

const nulls = (name: string, test: string): string =>
  variadic(name, [], { from: 1, to: 10 }, (rest) => rest.map((a) => `(${a} ${test})::integer`).join(" + "));

export const numberMacros: readonly string[] = [
  macro("div", "(a, b) as trunc(a // b)"),
  // Buckets may run from the greater bound to the less.
  macro(
    "width_bucket",
    `(x, a, b, n) as case when a < b then case when x < a then 0 when x >= b then n + 1 else ${bucket("x - a", "b - a")} end else case when x > a then 0 when x <= b then n + 1 else ${bucket("a - x", "a - b")} end end`,
  ),
  macro("scale", "(x) as length(system.main.split_part(x::varchar, '.', 2))"),
  macro("min_scale", "(x) as length(rtrim(system.main.split_part(x::varchar, '.', 2), '0'))"),
  nulls("num_nonnulls", "is not null"),
  nulls("num_nulls", "is null"),
];
