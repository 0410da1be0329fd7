import { macro, variadic } from "./macro.ts";

/** A capturing group, to be counted in a pattern. */
const group = String.raw`'\((\?[^:=!<]|[^?])'`;
/** The groups that a match gives at most. */
const groups_max = 6;

/** Postgres' flags in front of a pattern, because DuckDB takes only constants as options. */
const flagged = "(case when o like '%i%' then '(?i)' else '' end || p)";

const capture = (pattern: string) => (number: number) =>
  `regexp_extract(s, '(?:' || ${pattern} || ')${"()".repeat(groups_max)}', ${number})`;

/** Postgres' list of what the groups matched, or of the whole match when there are none; NULL without a match. */
function match(pattern: string): string {
  const captures = Array.from({ length: groups_max }, (_, i) => capture(pattern)(i + 1)).join(", ");
  const ofGroups = `list_slice([${captures}], 1, greatest(1, len(regexp_extract_all(p, ${group}))))`;
  return `case when regexp_matches(s, ${pattern}) then case when regexp_matches(p, ${group}) then ${ofGroups} else [regexp_extract(s, ${pattern})] end end`;
}

const replaced = (options: string): string => String.raw`system.main.regexp_replace(s, ${flagged}, replace(r, '\&', '\0')${options})`;

const substringOf = "system.main.substring(s, greatest(f, 1), greatest(0, n + least(f, 1) - 1))";
/** The shortest text in front of a match is what stands before the first one. */
const beforeMatch = "regexp_extract(s, '(?s:^(.*?))(?:' || p || ')', 1)";
const padded = (side: "l" | "r", fill: string): string =>
  `case when ${fill} = '' then system.main.left(s, greatest(n, 0)) else system.main.${side}pad(s, n::integer, ${fill}) end`;

const regexpMacros: readonly string[] = [
  macro("regexp_match", `(s, p) as ${match("p")}`, `(s, p, o) as ${match(flagged)}`),
  macro("regexp_like", "(s, p) as regexp_matches(s, p)", `(s, p, o) as regexp_matches(s, ${flagged})`),
  macro(
    "regexp_count",
    "(s, p) as len(regexp_extract_all(s, p))",
    "(s, p, f) as len(regexp_extract_all(system.main.substring(s, f), p))",
    `(s, p, f, o) as len(regexp_extract_all(system.main.substring(s, f), ${flagged}))`,
  ),
  macro("regexp_substr", "(s, p) as case when regexp_matches(s, p) then regexp_extract(s, p) end"),
  macro("regexp_instr", `(s, p) as case when regexp_matches(s, p) then length(${beforeMatch}) + 1 else 0 end`),
  macro("regexp_split_to_array", "(s, p) as string_split_regex(s, p)", `(s, p, o) as string_split_regex(s, ${flagged})`),
  macro(
    "regexp_replace",
    String.raw`(s, p, r) as system.main.regexp_replace(s, p, replace(r, '\&', '\0'))`,
    `(s, p, r, o) as case when o like '%g%' then ${replaced(", 'g'")} else ${replaced("")} end`,
  ),
  macro(
    "substring_regexp",
    `(s, p) as case when regexp_matches(s, p) then case when regexp_matches(p, ${group}) then regexp_extract(s, '(?:' || p || ')()', 1) else regexp_extract(s, p) end end`,
  ),
];

export const stringMacros: readonly string[] = [
  macro("octet_length", "(s) as strlen(s)"),
  macro("btrim", "(s) as trim(s)", "(s, c) as trim(s, c)"),
  macro(
    "overlay_text",
    "(s, r, f) as substr(s, 1, f - 1) || r || substr(s, f + length(r))",
    "(s, r, f, n) as substr(s, 1, f - 1) || r || substr(s, f + n)",
  ),
  macro("substring", "(s, f) as system.main.substring(s, greatest(f, 1))", `(s, f, n) as ${substringOf}`),
  macro("substr", "(s, f) as system.main.substring(s, greatest(f, 1))", `(s, f, n) as ${substringOf}`),
  macro("lpad", `(s, n) as ${padded("l", "' '")}`, `(s, n, p) as ${padded("l", "p")}`),
  macro("rpad", `(s, n) as ${padded("r", "' '")}`, `(s, n, p) as ${padded("r", "p")}`),
  // An empty separator parts nothing.
  macro(
    "split_part",
    "(s, d, n) as case when d = '' then case when n = 1 or n = -1 then s else '' end else system.main.split_part(s, d, n) end",
  ),
  macro("to_hex", "(n) as lower(system.main.to_hex(n))"),
  macro("sha256", "(b) as unhex(system.main.sha256(b))"),
  macro("quote_literal", "(x) as mr_quote_literal(x::varchar)"),
  macro("quote_nullable", "(x) as coalesce(mr_quote_literal(x::varchar), 'NULL')"),
  macro("normalize", "(s) as mr_normalize(s, 'NFC')", "(s, f) as mr_normalize(s, f)"),
  variadic("format", ["f"], { from: 0, to: 10 }, (rest) => `mr_format(${["f", ...rest.map((a) => `${a}::varchar`)].join(", ")})`),
  macro("count_char", "(s, c) as length(s) - length(replace(s, c, ''))"),
  macro("split_index", "(s, d, n) as string_split(s, d)[n + 1]"),
  ...regexpMacros,
];
