import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Schema } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";
import { ExpressionOracle, randomRows } from "../../sql-tests/runner/expression-oracle.ts";

const infinity = 9_223_372_036_854_775_807n;
const day_us = 86_400_000_000n;
const stamps: Value[] = [
  null,
  0n,
  -1n,
  1n,
  -500n,
  999_500n,
  1_709_202_030_456_789n, // 2024-02-29 10:20:30.456789
  1_612_051_199_999_999n, // 2021-01-30 23:59:59.999999
  -62_135_596_800_000_000n, // 0001-01-01
  -62_135_596_800_000_001n,
  -62_300_000_000_000_000n, // 6 BC
  -64_000_000_000_000_000n, // 59 BC
  253_402_300_799_999_999n, // 9999-12-31
  9_007_199_254_740_993n, // beyond a double
  -9_007_199_254_740_993n,
  -day_us,
  1_583_020_800_000_000n, // 2020-03-01
];
const edges: Value[] = [infinity, -infinity, infinity - 1n, -9_223_372_022_400_000_000n];
const dates: Value[] = [null, 0, -1, 18_321, 19_782, -719_163, 10_957, 106_751_991, -106_751_991];
const farDates: Value[] = [2_147_483_647, -2_147_483_647, 106_751_992, 2_147_483_646];
const intervals: Value[] = [
  null,
  { months: 0, days: 0, micros: 0n },
  { months: 1, days: 0, micros: 0n },
  { months: -13, days: 40, micros: -1n },
  { months: 0, days: -3, micros: 90_000_000_000n },
  { months: 12, days: 0, micros: 0n },
  { months: 0, days: 30, micros: 0n },
];
const schema: Schema = {
  columns: [
    { name: "t", type: { id: "timestamp" } },
    { name: "u", type: { id: "timestamp" } },
    { name: "z", type: { id: "timestamptz" } },
    { name: "x", type: { id: "timestamp" } },
    { name: "d", type: { id: "date" } },
    { name: "e", type: { id: "date" } },
    { name: "fd", type: { id: "date" } },
    { name: "v", type: { id: "interval" } },
    { name: "w", type: { id: "interval" } },
    { name: "b", type: { id: "bigint" } },
  ],
};
const longs: Value[] = [
  null,
  0n,
  -1n,
  1_709_202_030_456n,
  9_223_372_036_854_775n,
  9_223_372_036_854_776n,
  infinity,
  -9_223_372_022_400_000_001n,
];
const rows = randomRows(
  [stamps, stamps, stamps, [...stamps, ...edges], dates, dates, [...dates, ...farDates], intervals, intervals, longs],
  150,
  11,
);
let oracle: ExpressionOracle;
beforeAll(async () => {
  oracle = await ExpressionOracle.open(schema, rows);
});
afterAll(() => oracle.close());

const parts = "year,month,day,dayofmonth,dayofweek,weekday,isodow,dayofyear,week,weekofyear,isoyear,quarter,decade".split(",");
const clockParts = "hour,minute,second,millisecond,microsecond,epoch_us,epoch_ms".split(",");

describe("times equal DuckDB's", () => {
  it("parts", async () =>
    expect(
      await oracle.differences(
        ...parts.flatMap((p) => ["t", "x", "d", "fd", ...(p === "decade" ? [] : ["z"])].map((c) => `${p}(${c})`)),
        ...clockParts.flatMap((p) => ["t", "x", "z"].map((c) => `${p}(${c})`)),
        "date_part('hour', t)",
        "extract(year from d)",
      ),
    ).toEqual([]));

  it("date_trunc", async () =>
    expect(
      await oracle.differences(
        ...["milliseconds", "second", "minute", "hour", "day", "week", "month", "quarter", "year"].flatMap((u) =>
          ["t", "x", "z"].map((c) => `date_trunc('${u}', ${c})`),
        ),
      ),
    ).toEqual([]));

  it("time_bucket", async () =>
    expect(
      await oracle.differences(
        ...["5 minute", "1 hour", "7 day", "1 microsecond", "90 second"].flatMap((w) =>
          ["t", "x"].map((c) => `time_bucket(interval '${w}', ${c})`),
        ),
        "time_bucket(interval '10 second', t, timestamp '1970-01-01 00:00:04')",
      ),
    ).toEqual([]));

  it("arithmetic", async () =>
    expect(
      await oracle.differences(
        ...["interval '5 second'", "interval '1 month'", "interval '3 day 1 hour'", "interval '-1 year'"].flatMap((i) =>
          ["t", "x"].flatMap((c) => [`${c} + ${i}`, `${c} - ${i}`, `${i} + ${c}`]),
        ),
        "z - interval '5 second'",
        "z + interval '3 day'",
        "t + v",
        "x - v",
        "t - u",
        "x - t",
        "d - e",
        "fd - d",
        "d + 5",
        "fd + 1",
        "fd - 3",
        "5 + fd",
        "d + interval '1 month'",
        "fd - interval '1 day'",
        "d + v",
        "interval '2 hour' + d",
        "epoch(t)",
        "epoch(x)",
        "make_timestamp(b)",
        "epoch_ms(b)",
      ),
    ).toEqual([]));

  it("comparisons and branches", async () =>
    expect(
      await oracle.differences(
        ...["=", "<", ">=", "IS DISTINCT FROM"].flatMap((o) => [`t ${o} x`, `d ${o} fd`, `v ${o} w`, `z ${o} t::timestamptz`]),
        "t BETWEEN u AND x",
        "coalesce(v, w)",
        "CASE WHEN t > u THEN t ELSE x END",
        "t IN (timestamp '1970-01-01', u)",
        "v = interval '30 day'",
        "date_trunc('day', t) = date_trunc('day', u)",
      ),
    ).toEqual([]));

  it("casts", async () =>
    expect(
      await oracle.differences(
        "t::date",
        "x::date",
        "z::date",
        "d::timestamp",
        "fd::timestamp",
        "try_cast(fd as timestamp)",
        "d::timestamptz",
        "t::timestamptz",
        "z::timestamp",
        "t::time",
        "x::time",
      ),
    ).toEqual([]));
});
