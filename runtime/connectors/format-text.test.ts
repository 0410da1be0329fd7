import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatType, type SqlType } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";
import { type LocalDuckdb, openLocal } from "../duckdb/local.ts";
import { formatValue } from "../formats/format-text.ts";
import { parseText } from "../formats/parse-text.ts";

let duckdb: LocalDuckdb;
beforeAll(async () => {
  duckdb = await openLocal();
});
afterAll(() => duckdb.close());

const type = (id: string): SqlType => ({ id }) as SqlType;
const texts: readonly (readonly [SqlType, readonly string[]])[] = [
  [type("boolean"), ["t", "FALSE", "1", "no"]],
  [type("integer"), ["-2147483648", "7"]],
  [type("hugeint"), ["-170141183460469231731687303715884105728"]],
  [{ id: "decimal", width: 9, scale: 3 }, ["1.5", "-0.0005", "123456.7894", "1e2"]],
  [
    type("double"),
    ["0", "-0", "1", "0.1", "1e15", "1e16", "1e17", "123456789012345680", "1e-4", "1e-5", "1e300", "nan", "inf", "-Infinity", "1.5e7"],
  ],
  [type("real"), ["0.1", "3.4e38", "1e-3", "16777216"]],
  [type("date"), ["2001-01-31", "1900-02-28", "9999-12-31", "infinity"]],
  [type("time"), ["04:05:06", "23:59:59.999999", "04:05:06.7"]],
  [type("timestamp"), ["2001-01-31 04:05:06.789", "1969-12-31 23:59:59.999999", "2001-01-31", "-infinity"]],
  [type("timestamptz"), ["2001-01-31 04:05:06+02", "2001-01-31T04:05:06.5Z", "infinity"]],
  [type("interval"), ["1 year 2 months 3 days 04:05:06.7", "-1 month", "1 day", "00:00:00", "-00:00:01", "14 months -3 days"]],
  [type("uuid"), ["A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"]],
  [type("blob"), ["a\\x00\\xFFb"]],
];

describe("texts of values", () => {
  it.each(texts.flatMap(([t, all]) => all.map((text) => [formatType(t), text, t] as const)))(
    "%s %s: read and written as DuckDB does",
    async (name, text, t) => {
      const query = `SELECT CAST('${text}' AS ${name}) AS v, CAST(CAST('${text}' AS ${name}) AS VARCHAR) AS t`;
      const [[value, written] = []] = (await (await duckdb.stream(query)).rows()) as Value[][];
      expect(parseText(t, text)).toEqual(value instanceof Uint8Array ? Uint8Array.from(value) : value);
      expect(formatValue(t, value ?? null)).toBe(written);
    },
  );

  it("writes nested values as DuckDB does", async () => {
    const query = "SELECT ['a', NULL, 'it''s', 'x y', ''], {'x': 1.5::DOUBLE, 'y': 'b, c'}, MAP {'k': [1, 2]}";
    const result = await duckdb.stream(`SELECT *, columns(*)::VARCHAR FROM (${query})`);
    const { schema } = result;
    const [row = []] = await result.rows();
    for (let c = 0; c < 3; c++) expect(formatValue(schema.columns[c]?.type ?? type("varchar"), row[c] ?? null)).toBe(row[c + 3]);
  });

  it.each([
    ["integer", "1.5"],
    ["integer", ""],
    ["integer", "2147483648"],
    ["double", "1e400"],
    ["double", "0x10"],
    ["date", "2001-13-01"],
    ["date", "2001-02-29"],
    ["time", "25:00:00"],
    ["timestamp", "2001-01-01 10:60"],
    ["timestamp", "978310020"],
    ["boolean", "maybe"],
    ["uuid", "a0eebc99"],
    ["interval", "1 fortnight"],
    ["interval", ""],
    ["blob", "\\x0"],
    ["json", "{"],
  ])("no %s is %s", (id, text) => expect(parseText(type(id), text)).toBeNull());
});
