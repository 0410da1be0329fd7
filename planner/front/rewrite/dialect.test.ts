import { describe, expect, it } from "vitest";
import { rewriteQuery } from "./rewrite-query.ts";

const rewrite = (text: string): string => rewriteQuery({ text, at: 0 }).text;

describe("dialect", () => {
  it.each([
    ["0x1F, 0b101, 0o17, 0xFFFFFFFFFFFFFFFF, 1_000", "31, 5, 15, 18446744073709551615, 1_000"],
    [
      String.raw`E'a\tb''', N'x', U&'\0041', X'1f2A', B'01', $$it's$$`,
      String.raw`'a${"\t"}b''', 'x', 'A', ('\x1f\x2A'::BLOB), ('01'::BIT), $$it's$$`,
    ],
    ["'a'\n'b', `c d`, \"e\"", `'ab', "c d", "e"`],
    ["a ~ 'x', a !~ 'x', a ~* 'x', ~a, (~a), - ~ 5, a = ~b", "a @~ 'x', a !@~ 'x', a ~* 'x', ~a, (~a), - ~ 5, a = ~b"],
    [
      String.raw`a LIKE 'x\_' AND b, a NOT LIKE 'x\%' || c, a LIKE 'x', a LIKE 'x\_' ESCAPE '!'`,
      String.raw`a LIKE 'x\_' ESCAPE '\' AND b, a NOT LIKE 'x\%' || c ESCAPE '\', a LIKE 'x', a LIKE 'x\_' ESCAPE '!'`,
    ],
    [String.raw`a ~~ 'x\_', a !~~* 'x\_', a ~~ 'x'`, String.raw`a like 'x\_' ESCAPE '\', a not ilike 'x\_' ESCAPE '\', a ~~ 'x'`],
    ["a SIMILAR TO 'x' || b AND c, a NOT SIMILAR TO 'y'", "a @% ( 'x' || b) AND c, a !@% ( 'y')"],
    [
      "a::numeric, a::numeric(5), CAST(a AS decimal), sum(a) AS numeric, numeric '1.5', a.numeric",
      "a::decimal(38,10), a::numeric(5), CAST(a AS decimal(38,10)), sum(a) AS numeric, decimal(38,10) '1.5', a.numeric",
    ],
    [
      "a::timestamp(3), CAST(a AS timestamp(3) with local time zone), time(0) '10:00'",
      "a::timestamp, CAST(a AS timestamp with time zone), time '10:00'",
    ],
    [
      "a::jsonb, CAST(a AS jsonb), jsonb_agg(a), jsonb_build_object('a', 1), jsonb",
      "a::json, CAST(a AS json), json_group_array(a), json_object('a', 1), jsonb",
    ],
    [
      "j #> '{a}', j #>> '{a,b}', j -> 'a' = 'x', j ->> 'a', f(l, x -> x + 1), list_transform(l, x -> 1)",
      "j @|> '{a}', j @|>> '{a,b}', j @-> 'a' = 'x', j ->> 'a', f(l, x -> x + 1), list_transform(l, x -> 1)",
    ],
    [
      "every(a) FILTER (WHERE b), first_value(a), first_value(a) OVER (ORDER BY b), last_value(a)",
      "bool_and(a) FILTER (WHERE b), first(a), first_value(a) OVER (ORDER BY b), last(a)",
    ],
    ["at, t.at, sum(at), ts AT TIME ZONE 'UTC', at AS show", `"at", t."at", sum("at"), ts AT TIME ZONE 'UTC', "at" AS "show"`],
    ["overlay(a PLACING f(b, 1) FROM 2 FOR 3)", "overlay_text(a , f(b, 1) , 2 , 3)"],
    ["date_format(ts, 'yyyy-MM-dd''T''HH:mm:ss.SSS')", "strftime(ts, '%Y-%m-%dT%H:%M:%S.%g')"],
    [
      "INTERVAL '90', INTERVAL '1 02:03' DAY TO MINUTE, INTERVAL '2-3' YEAR TO MONTH, INTERVAL '5' SECOND, INTERVAL '1 hour'",
      "INTERVAL '90000000 microseconds', INTERVAL '93780000000 microseconds', INTERVAL '27 months 0 microseconds', INTERVAL '5' SECOND, INTERVAL '1 hour'",
    ],
    [
      "timestamptz '2024-01-01 00:00+02', '2024-01-01 00:00Z'::timestamptz, '2024-01-01 00:00+02'",
      "timestamptz '2024-01-01 00:00:00+02', '2024-01-01 00:00:00Z'::timestamptz, '2024-01-01 00:00+02'",
    ],
    ["extract(second FROM ts), date_part('seconds', ts)", "extract_second( ts), extract_second( ts)"],
    ["substring(a FROM 'b.'), a # b, j ? 'k', '\\x0aff'::bytea", "substring_regexp(a , 'b.'), a @^ b, j @!> 'k', '\\x0a\\xff'::bytea"],
    ["extract(minute FROM ts), substring(a FROM 2 FOR 3), a/* c */+-- d\n1", "extract(minute FROM ts), substring(a FROM 2 FOR 3), a + 1"],
    ["a=-1, b+-c, {'k': 1}.k, l[1:2], t.*", "a= -1, b+ -c, {'k': 1}.k, l[1:2], t.*"],
  ])("SELECT %s", (sql, expected) => {
    expect(rewrite(`SELECT ${sql}`)).toBe(`SELECT ${expected}`);
  });

  it.each([
    ["SELECT X'abc'", "hexadecimal literal must have an even number of digits", 7, "42601"],
    ["SELECT date_format(ts, 'yyyy-QQ')", 'pattern "QQ" of format "yyyy-QQ" is not supported', 23, "0A000"],
    ["SELECT 2 NOT BETWEEN SYMMETRIC 3 AND 1", "BETWEEN SYMMETRIC is not supported yet", 21, "0A000"],
    ["SELECT a SIMILAR TO 'b' ESCAPE '!'", "SIMILAR TO … ESCAPE is not supported yet", 24, "0A000"],
  ])("refuses %s", (text, message, at, sqlState) => {
    expect(() => rewriteQuery({ text, at: 0 })).toThrowError(expect.objectContaining({ message, at, sqlState }));
  });
});
