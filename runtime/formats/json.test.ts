import { describe, expect, it } from "vitest";
import { bigint, double, integer, type Schema, type SqlType, varchar } from "../contract/types.ts";
import { decodeJson } from "../../sql-tests/runner/decode-text.ts";

const schema: Schema = {
  columns: [
    { name: "a", type: bigint },
    { name: "b", type: varchar },
  ],
};
const one = (type: SqlType): Schema => ({ columns: [{ name: "v", type }] });
const valueOf = (type: SqlType, json: string): unknown => {
  const { rows, bad } = decodeJson(one(type), `{"v":${json}}\n`);
  return rows.length === 1 ? rows[0]?.[0] : bad[0]?.reason;
};

describe("JSON lines", () => {
  const text = ` {"a":1,"b":"x"}\r\n\n{"b":"é\\u00e9\\ud83d\\ude00\\n\\"","x":{"y":[1,{"z":"}"}]},"a":-2}\n{"a":null}  \n{}\n{"B":"lower","A":9007199254740993}`;
  const rows = [
    [1n, "x"],
    [-2n, 'éé😀\n"'],
    [null, null],
    [null, null],
    [9_007_199_254_740_993n, "lower"],
  ];

  it("reads keys in any order, escapes, nested values that nobody wants, and a last line without end", () => {
    expect(decodeJson(schema, text)).toEqual({ rows, bad: [] });
  });

  it.each([1, 2, 3, 7, 64])("reads the same from chunks of %i bytes", (chunk_bytes) => {
    expect(decodeJson(schema, text, chunk_bytes)).toEqual({ rows, bad: [] });
  });

  it("says where a bad row is and reads on", () => {
    const { rows: good, bad } = decodeJson(schema, `{"a":1}\n{"a":\n{"a":"x"}\n[1]\n{"a":4} 5\n{"a":99999999999999999999}\n{"a":6}\n`);
    expect(good).toEqual([
      [1n, null],
      [6n, null],
    ]);
    expect(bad.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6]);
    expect(bad[1]).toEqual({ line: 3, reason: 'column "a": "x" is no BIGINT', raw: '{"a":"x"}' });
    expect(bad[0]?.reason).toMatch(/^malformed JSON: /);
    expect(bad[4]?.reason).toBe('column "a": 99999999999999999999 is no BIGINT');
  });

  it("refuses bytes that are not UTF-8, in the record that has them", () => {
    const { rows: good, bad } = decodeJson(
      schema,
      Buffer.concat([Buffer.from('{"b":"ok"}\n{"b":"'), Buffer.from([0xff, 0x22, 0x7d, 0x0a])]),
    );
    expect(good).toEqual([[null, "ok"]]);
    expect(bad).toMatchObject([{ line: 2, reason: "its bytes are not UTF-8" }]);
  });

  it("turns half a surrogate pair into U+FFFD", () => {
    expect(valueOf(varchar, '"\\ud83dx"')).toBe("\ufffdx");
    expect(valueOf(varchar, '"\\ude00\\ud83d\\ude00"')).toBe("\ufffd😀");
  });

  it("refuses what RFC 8259 does not allow", () => {
    for (const json of ["01", "+1", ".5", "1.", "NaN", "tru", '"\u0001"', '"\\x"', '"\\u12g4"', "'a'", "[1,]", '{"a":1,}']) {
      expect(decodeJson(one(varchar), `{"v":${json}}\n`).bad.length).toBe(1);
    }
    expect(decodeJson(one(varchar), `{"v":${"[".repeat(300)}${"]".repeat(300)}}\n`).bad.length).toBe(1);
  });
});

describe("a JSON array", () => {
  const text = `\n[ {"a":1,"b":"x]},{"}\n,{"a":2, "c":[{}]},\n{"a":"no"},{"a":3}\n]\n`;

  it.each([1, 5, 1_000])("gives its elements, from chunks of %i bytes", (chunk_bytes) => {
    const { rows, bad } = decodeJson(schema, text, chunk_bytes);
    expect(rows).toEqual([
      [1n, "x]},{"],
      [2n, null],
      [3n, null],
    ]);
    expect(bad).toEqual([{ line: 4, reason: 'column "a": "no" is no BIGINT', raw: '{"a":"no"}' }]);
  });

  it("passes over an element that is malformed", () => {
    const { rows, bad } = decodeJson(schema, `[{"a":1},{"a":01},7,{"a":2}]`);
    expect(rows.map(([a]) => a)).toEqual([1n, 2n]);
    expect(bad.map(({ raw }) => raw)).toEqual(['{"a":01}', "7"]);
  });
});

describe("JSON values by type", () => {
  it.each<[SqlType, string, unknown]>([
    [integer, "2147483647", 2_147_483_647],
    [integer, "1.0", 1],
    [integer, "2e3", 2_000],
    [integer, "2147483648", 'column "v": 2147483648 is no INTEGER'],
    [integer, "1.5", 'column "v": 1.5 is no INTEGER'],
    [bigint, "-9223372036854775808", -(2n ** 63n)],
    [bigint, "9223372036854775808", 'column "v": 9223372036854775808 is no BIGINT'],
    [{ id: "hugeint" }, "170141183460469231731687303715884105727", 2n ** 127n - 1n],
    [{ id: "ubigint" }, "18446744073709551615", 2n ** 64n - 1n],
    [double, "0.1", 0.1],
    [double, "123456789.123456", 123_456_789.123_456],
    [double, "1e308", 1e308],
    [double, "1e309", 'column "v": 1e309 is no DOUBLE'],
    [double, "-0", -0],
    [{ id: "real" }, "0.1", Math.fround(0.1)],
    [{ id: "decimal", width: 9, scale: 2 }, "-1.005", -101n],
    [{ id: "decimal", width: 9, scale: 2 }, "12.3", 1_230n],
    [{ id: "decimal", width: 4, scale: 2 }, "100", 'column "v": 100 is no DECIMAL(4,2)'],
    [
      { id: "decimal", width: 38, scale: 10 },
      "1234567890123456789012345678.0123456789",
      12_345_678_901_234_567_890_123_456_780_123_456_789n,
    ],
    [{ id: "boolean" }, "true", true],
    [{ id: "boolean" }, "7", 'column "v": 7 is no BOOLEAN'],
    [varchar, "1.50", "1.50"],
    [varchar, '{"a": 1}', '{"a": 1}'],
    [{ id: "json" }, '{"a": "\\n"}', '{"a": "\\n"}'],
    [{ id: "json" }, '"x"', '"x"'],
    [{ id: "date" }, '"1970-01-02"', 1],
    [{ id: "timestamp" }, '"2001/01/01 00:47"', 978_310_020_000_000n],
    [{ id: "timestamp" }, '"2001-01-01T00:47:00.5Z"', 978_310_020_500_000n],
    [{ id: "timestamp" }, '"2001-01-01T00:47:00+02:00"', 978_302_820_000_000n],
    [{ id: "timestamp" }, '"1969-12-31 23:59:59.999999"', -1n],
    [{ id: "timestamp" }, '"2001-02-29 00:00:00"', 'column "v": "2001-02-29 00:00:00" is no TIMESTAMP'],
    [{ id: "timestamp" }, "978310020", 'column "v": 978310020 is no TIMESTAMP'],
    [{ id: "time" }, '"04:05:06.789"', 14_706_789_000n],
    [{ id: "uuid" }, '"A0EEBC999C0B4EF8BB6D6BB9BD380A11"', "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"],
    [{ id: "list", element: bigint }, "[1, null, 9007199254740993]", [1n, null, 9_007_199_254_740_993n]],
    [{ id: "list", element: bigint }, '["x"]', 'column "v": ["x"] is no BIGINT[]'],
    [
      {
        id: "struct",
        fields: [
          { name: "x", type: bigint },
          { name: "y", type: varchar },
        ],
      },
      '{"y":"\\u00e9","z":0}',
      [null, "é"],
    ],
    [
      { id: "map", key: varchar, value: integer },
      '{"a":1,"b":null}',
      [
        ["a", 1],
        ["b", null],
      ],
    ],
    [bigint, "[1]", 'column "v": [1] is no BIGINT'],
    [bigint, '"12"', 12n],
    [bigint, '"\\u0031"', 1n],
  ])("reads %j from %s", (type, json, expected) => {
    expect(valueOf(type, json)).toEqual(expected);
  });
});
