import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { columnOf } from "./rows.ts";
import { columnText, formatJson, formatText } from "./text.ts";
import type { SqlType } from "./types.ts";
import type { Value } from "./value.ts";

const list = (element: SqlType): SqlType => ({ id: "list", element });
const struct = (...fields: readonly (readonly [string, SqlType])[]): SqlType => ({
  id: "struct",
  fields: fields.map(([name, type]) => ({ name, type })),
});
const decimal = (width: number, scale: number): SqlType => ({ id: "decimal", width, scale });
const map: SqlType = { id: "map", key: { id: "varchar" }, value: { id: "bigint" } };

/** The scalar forms are held to PostgreSQL's answers in sql-tests/wire; these are the ones it has no word on, and the edges. */
describe("formatText", () => {
  it.each<[string, SqlType, Exclude<Value, null>, string]>([
    ["true", { id: "boolean" }, true, "t"],
    ["a decimal below one", decimal(5, 3), -5n, "-0.005"],
    ["a decimal without scale", decimal(38, 0), 10n ** 37n, `1${"0".repeat(37)}`],
    ["the smallest hugeint", { id: "hugeint" }, -(2n ** 127n), "-170141183460469231731687303715884105728"],
    ["the last µs before 1970", { id: "timestamp" }, -1n, "1969-12-31 23:59:59.999999"],
    ["a far time stamp", { id: "timestamptz" }, 9_223_372_036_854_775_806n, "294247-01-10 04:00:54.775806+00"],
    ["1 BC", { id: "date" }, -719_163, "0001-12-31 BC"],
    ["minus infinity", { id: "timestamp" }, -9_223_372_036_854_775_807n, "-infinity"],
    [
      "an interval beyond doubles",
      { id: "interval" },
      { months: 0, days: 0, micros: 9_223_372_036_854_775_807n },
      "2562047788:00:54.775807",
    ],
    ["bytes", { id: "blob" }, Uint8Array.of(0, 255), "\\x00ff"],
    ["nested lists", list(list({ id: "integer" })), [[1, null], null, []], "{{1,NULL},NULL,{}}"],
    [
      "a list of text that needs quotes",
      list({ id: "varchar" }),
      ["", "null", "a b", 'q"', "\\", "{", ","],
      '{"","null","a b","q\\"","\\\\","{",","}',
    ],
    ["a struct", struct(["a b", { id: "varchar" }], ["n", { id: "double" }]), ['x"y', Number.NaN], '{"a b":"x\\"y","n":"NaN"}'],
    ["a map", map, [["k", 9_007_199_254_740_993n]], '{"k":9007199254740993}'],
    ["a list of structs", list(struct(["a", { id: "integer" }])), [[1]], '{"{\\"a\\":1}"}'],
  ])("%s", (_, type, value, expected) => expect(formatText(type, value)).toBe(expected));
});

describe("formatJson", () => {
  it.each<[SqlType, Value, string]>([
    [{ id: "integer" }, null, "null"],
    [{ id: "timestamp" }, 2_820_000_000n, '"1970-01-01T00:47:00"'],
    [{ id: "json" }, '{"a": 1}', '{"a": 1}'],
    [decimal(20, 2), 150n, "1.50"],
    [list({ id: "boolean" }), [true, null], "[true,null]"],
    [{ id: "varchar" }, "</é\n", '"</é\\n"'],
    [{ id: "double" }, Number.NEGATIVE_INFINITY, '"-Infinity"'],
  ])("case %#", (type, value, expected) => expect(formatJson(type, value)).toBe(expected));
});

const int64 = fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n });
const columns: readonly (readonly [SqlType, fc.Arbitrary<Value>])[] = [
  [{ id: "boolean" }, fc.boolean()],
  [{ id: "integer" }, fc.integer()],
  [{ id: "date" }, fc.integer({ min: -1_000_000, max: 1_000_000 })],
  [{ id: "bigint" }, int64],
  [{ id: "timestamp" }, fc.oneof(int64, fc.bigInt({ min: -(10n ** 16n), max: 10n ** 16n }))],
  [{ id: "timestamptz" }, int64],
  [{ id: "time" }, fc.bigInt({ min: 0n, max: 86_400_000_000n })],
  [decimal(18, 5), fc.bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n })],
  [decimal(38, 5), fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n })],
  [{ id: "real" }, fc.float()],
  [{ id: "double" }, fc.double()],
  [{ id: "varchar" }, fc.string({ unit: "grapheme" })],
  [list({ id: "varchar" }), fc.array(fc.string())],
];

describe("columnText", () => {
  it.each(columns)("says of each row of $id what formatText says of its value", (type, values) => {
    fc.assert(
      fc.property(fc.array(fc.option(values), { maxLength: 20 }), (rows) => {
        const text = columnText(type, columnOf(type, rows));
        expect(rows.map((_, row) => text(row))).toEqual(rows.map((value) => (value === null ? null : formatText(type, value))));
      }),
      { seed: 7, numRuns: 50 },
    );
  });
});

describe("floats", () => {
  it("read back as the same value", () => {
    fc.assert(
      fc.property(fc.double(), fc.float(), (double, real) => {
        expect(Number(formatText({ id: "double" }, double))).toBe(double);
        expect(Math.fround(Number(formatText({ id: "real" }, real)))).toBe(real);
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});
