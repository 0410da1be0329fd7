import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Schema } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";
import { ExpressionOracle, randomRows } from "../../sql-tests/runner/expression-oracle.ts";

const texts: Value[] = [
  null,
  "",
  "a",
  "abc",
  "ABC",
  "héy",
  "日本語",
  "😀a😀",
  "  padded\u00a0 ",
  "a/b/c",
  "/a//b/",
  "https://x.org/a?channel_id=22&b=1",
  "aaaa",
  "a%b_c",
  "xaxbx",
  "İßǆŉΣ",
  "line\nbreak\r\u2028end",
  "ab\\c",
  "a\tb ",
  "zero\0byte",
];
const needles: Value[] = [null, "", "a", "/", "b", "é", "日", "😀", "aa", "x", "%", "a%", "%b%", "_", "__", "a_c", "%/%/%", " ", "A%"];
const numbers: Value[] = [null, 0n, 1n, 2n, 3n, -1n, -2n, -7n, 5n, 100n, 4_294_967_295n, -4_294_967_295n];
const numerals: Value[] = [
  null,
  ..." 12 |-5|+5|1e3|1.5|2.5|-2.5|0.49999|1_000|1__0|_1|1_|0x1F|0b101|0x|1.|.5|.|e5|5e|1e-1|15e-1|1.25e1|abc||-|+|007|-0|99999999999|9223372036854775807|9223372036854775808|-9223372036854775808|1e18|1e19|127|128|-128|-129|255|256|1 2|\t7\n|+-5|-+5|0x1_F|-0x1F|1e5_0|--1|1.5.5|0.5|-0.5|1e400|123456789012345678901234567890|0b2|1_0.5_0|12a|1,5|½".split(
    "|",
  ),
];
const doubles: Value[] = [
  null,
  ..."1.5| -1.5 |inf|-inf|+inf|Infinity|nan|NaN|-nan|1e400|-1e400|1e-400|1.|.5|-.5|.|e5|1e|1e+5|1e5.5|1_0.5|1_|_1|0x1F|abc||-|+|+-5|007|1.7976931348623157e308|4.9e-324|0.1|123456789012345678|1 2|\t7\n|infinit|true|1d|1e5_0|1._5".split(
    "|",
  ),
];
const booleans: Value[] = [null, ..."true|TRUE|t|T|1|yes|YES|y|on|off|no|n|f|false|0|2|-1| true|true ||tru".split("|")];
const values: Value[] = [
  null,
  0,
  -0,
  0.1,
  1,
  1e15,
  1e16,
  123_456_789.125,
  1e-4,
  1.234e-5,
  1e22,
  1.7976931348623157e308,
  5e-324,
  Number.NaN,
  Infinity,
  -Infinity,
  -1.5,
  1 / 3,
  9_007_199_254_740_994,
  0.000123,
];
const reals: Value[] = values.map((v) => (typeof v === "number" ? Math.fround(v) : v));
const stamps: Value[] = [
  null,
  ..."2001/01/01 00:47|2001/1/1 0:47| 2001/01/01  00:47 |2001/01/01|2001/13/01 00:47|2001/02/30 00:47|2000/02/29 23:59|2001/01/01 24:00|epoch|infinity|-Infinity|x|2001/01/01 00:47x|20010/01/01 00:47|0001/01/01 00:00|2001/01/01 00:477".split(
    "|",
  ),
];
const words: Value[] = [null, ..."Feb 3 2001|FEB 03 99|february 3 2001|3 Feb|Jan 31 68|Dec 1 69|Mar 0 2001".split("|")];
const times: Value[] = [
  null,
  0n,
  1_709_202_030_456_789n,
  -1n,
  -62_135_596_800_000_001n,
  -62_300_000_000_000_000n,
  253_402_300_800_000_000n,
  9_223_372_036_854_775_807n,
  981_173_106_000_000n,
  -9_223_372_036_854_775_807n,
];
const schema: Schema = {
  columns: [
    ...["s", "u", "p", "n", "r", "g", "o", "ft", "wd"].map((name) => ({ name, type: { id: "varchar" } as const })),
    { name: "i", type: { id: "bigint" } },
    { name: "j", type: { id: "bigint" } },
    { name: "f", type: { id: "double" } },
    { name: "fr", type: { id: "real" } },
    { name: "t", type: { id: "timestamp" } },
    { name: "z", type: { id: "timestamptz" } },
    { name: "d", type: { id: "date" } },
    { name: "m", type: { id: "decimal", width: 9, scale: 2 } },
    { name: "q", type: { id: "decimal", width: 20, scale: 20 } },
    { name: "c", type: { id: "time" } },
  ],
};
const days: Value[] = [null, 0, -719_529, 19_782, 2_147_483_647, -2_147_483_647, 3_000_000];
const rows = randomRows(
  [
    texts,
    texts,
    needles,
    numerals,
    doubles,
    booleans,
    needles,
    stamps,
    words,
    numbers,
    numbers,
    values,
    reals,
    times,
    times,
    days,
    [null, 0n, 5n, -5n, 12_345n, -99_999_999n],
    [null, 1n, -5n, 10n ** 19n],
    [null, 0n, 37_230_500_000n, 86_400_000_000n - 1n],
  ],
  220,
  5,
);
let oracle: ExpressionOracle;
beforeAll(async () => {
  oracle = await ExpressionOracle.open(schema, rows);
});
afterAll(() => oracle.close());
const differences = (...sql: readonly string[]): Promise<string[]> => oracle.differences(...sql);

describe("texts equal DuckDB's", () => {
  it("comparisons", async () =>
    expect(
      await differences(
        ...["=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"].map((o) => `s ${o} u`),
        "s = 'abc'",
        "s IN ('a', 'abc', p)",
        "s BETWEEN p AND u",
        "s NOT IN ('a','b','c','d','e','f','g','h','abc','héy')",
      ),
    ).toEqual([]));
  it("case, length", async () =>
    expect(
      await differences(
        "lower(s)",
        "upper(s)",
        "length(s)",
        "strlen(s)",
        "length(s) - length(replace(s, 'a', ''))",
        "length(replace(s, 'aa', 'é'))",
        "length(replace(s, '日', 'xyz'))",
        "lower(s) = lower(u)",
      ),
    ).toEqual([]));
  it("substring", async () =>
    expect(await differences("substring(s, i)", "substring(s, i, j)", "substring(s, 2, 3)", "substr(s, -2)", "substring(s, 0, 2)")).toEqual(
      [],
    ));
  it("parts", async () =>
    expect(
      await differences(
        "split_part(s, p, i)",
        "split_part(s, '/', 2)",
        "string_split(s, p)[i]",
        "string_split(s, '/')[2]",
        "string_split(lower(s), '/')[-1]",
      ),
    ).toEqual([]));
  it("trim", async () =>
    expect(await differences("trim(s)", "ltrim(s)", "rtrim(s)", "trim(s, p)", "ltrim(s, p)", "rtrim(s, 'xc')")).toEqual([]));
  it("concatenation", async () =>
    expect(
      await differences(
        "s || u",
        "s || '-' || p",
        "concat(s, u, p)",
        "concat(s, 'x')",
        "replace(s, p, o)",
        "replace(s, 'a', '')",
        "upper(s || lower(u))",
      ),
    ).toEqual([]));
  it("search", async () =>
    expect(
      await differences(
        "contains(s, p)",
        "prefix(s, p)",
        "suffix(s, p)",
        "contains(s, 'a')",
        "contains(s, 'x.org')",
        "contains(s, 'aa')",
        "contains(s, 'é')",
        "starts_with(s, 'a')",
        "instr(s, p)",
        "position(p in s)",
      ),
    ).toEqual([]));
  it("LIKE", async () =>
    expect(
      await differences(
        "s LIKE p",
        "s NOT LIKE p",
        "s ILIKE p",
        "s NOT ILIKE p",
        "s LIKE 'a%b_c'",
        "s LIKE 'a#%b#_c' ESCAPE '#'",
        "s NOT LIKE '%##%' ESCAPE '#'",
        "s LIKE 'h_y'",
        "s LIKE '_本%'",
        "s ILIKE '%ς%'",
        "s LIKE '%a%b%'",
        "s LIKE 'https%id=%1'",
        "s LIKE 'a%a'",
        "s LIKE '%'",
        "s LIKE ''",
        "s LIKE '%channel%b=1'",
        "s NOT LIKE '%xax%'",
        "s LIKE 'abc'",
      ),
    ).toEqual([]));
  it("branches over literals and columns", async () =>
    expect(
      await differences(
        "CASE WHEN i > 1 THEN s WHEN i < 0 THEN 'negative' END",
        "coalesce(s, u, 'none')",
        "CASE WHEN i > 0 THEN s ELSE u END",
        "CASE WHEN i > 0 THEN lower(s) ELSE substring(u, 2) END",
        "coalesce(substring(s, 2), trim(s))",
      ),
    ).toEqual([]));
  it("regular expressions", async () =>
    expect(
      await differences(
        "regexp_extract(s, '(&|^)b=([^&]*)', 2)",
        "regexp_extract(s, '[a-z]+')",
        "regexp_extract(s, '^https?:')",
        "regexp_extract(s, 'channel_id=(\\d\\d)', 1)",
        "regexp_matches(s, 'b.c?')",
        "regexp_matches(s, '^a')",
        "regexp_matches(s, '\\s')",
        "regexp_full_match(s, '.{3}')",
        "regexp_full_match(s, '[^x]+')",
        "regexp_full_match(s, 'a|abc')",
        "regexp_matches(s, 'k.$')",
      ),
    ).toEqual([]));
  it("integers out of texts", async () =>
    expect(
      await differences(
        ...["TINYINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "UBIGINT"].flatMap((t) => [`n::${t}`, `TRY_CAST(n AS ${t})`]),
      ),
    ).toEqual([]));
  it("floats and booleans out of texts", async () =>
    expect(
      await differences("r::DOUBLE", "TRY_CAST(r AS DOUBLE)", "TRY_CAST(n AS DOUBLE)", "g::BOOLEAN", "TRY_CAST(g AS BOOLEAN)"),
    ).toEqual([]));
  it("texts out of values", async () =>
    expect(
      await differences(
        "f::VARCHAR",
        "fr::VARCHAR",
        "i::VARCHAR",
        "i::INTEGER::VARCHAR",
        "(i > 1)::VARCHAR",
        "t::VARCHAR",
        "z::VARCHAR",
        "d::VARCHAR",
        "m::VARCHAR",
        "q::VARCHAR",
        "c::VARCHAR",
        "(i::HUGEINT * 1000000000000)::VARCHAR",
      ),
    ).toEqual([]));
  it("strptime", async () =>
    expect(
      await differences(
        "strptime(ft, '%Y/%m/%d %H:%M')",
        "try_strptime(ft, '%Y/%m/%d %H:%M')",
        "try_strptime(wd, '%b %d %Y')",
        "try_strptime(wd, '%B %-d %y')",
        "try_strptime(wd, '%b %d %y')",
        "strptime(strftime(t, '%S.%f'), '%S.%f')",
      ),
    ).toEqual([]));
  it("strftime", async () =>
    expect(
      await differences(
        "strftime(t, '%Y-%m-%d %H:%M:%S.%f %g %% x')",
        "strftime(t, '%y|%-y|%j|%-j|%a|%A|%b|%B|%w|%u')",
        "strftime(t, '%-m/%-d %-H:%-M:%-S %I %-I %p')",
        "strftime(d, '%Y %d %H')",
      ),
    ).toEqual([]));
});

describe("what has no safe kernel goes to DuckDB", () => {
  it.each([
    "regexp_matches(s, '(a+)+b')",
    "regexp_matches(s, 'a*b')",
    "regexp_matches(s, p)",
    "regexp_matches(s, 'a', 'i')",
    "regexp_matches(s, '\\bword')",
    "regexp_matches(s, '(?i)a')",
    "regexp_matches(s, '[[:alpha:]]')",
    "regexp_matches(s, '\\pL')",
    "n::DECIMAL(9,2)",
    "n::DATE",
    "strftime(t, '%c')",
    "string_split(s, '/')",
    "reverse(s)",
  ])("%s", async (sql) => expect(await oracle.compiles(sql)).toBe(false));
});
