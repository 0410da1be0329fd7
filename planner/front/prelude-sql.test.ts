import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { windowAssigner } from "../../runtime/windows/registry.ts";
import { registerNativeFunctions } from "../../runtime/duckdb/native-functions.ts";
import { batchPrelude } from "./prelude-sql.ts";
import { rewriteQuery } from "./rewrite/rewrite-query.ts";

/** A failure prints the seed; SEED=… replays it. */
const seed = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const second_us = 1_000_000n;

let db: DuckDBConnection;

beforeAll(async () => {
  db = await (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
  await db.run("SET TimeZone = 'UTC'");
  registerNativeFunctions(db);
  for (const statement of batchPrelude) await db.run(statement);
});

const rows = async (sql: string): Promise<readonly (readonly unknown[])[]> =>
  (await db.runAndReadAll(rewriteQuery({ text: sql, at: 0 }).text)).getRowsJson();
const value = async (expression: string): Promise<unknown> => (await rows(`SELECT ${expression}`))[0]?.[0];

describe("Postgres' meanings", () => {
  it.each<[string, unknown]>([
    ["version() LIKE 'PostgreSQL 15.%(Millrace %'", true],
    ["7 / 2", 3],
    ["-7 / 2", -3],
    ["7 / 2.0", 3.5],
    ["1 / 0", null],
    ["0x1F + 0b11", 34],
    ["'abc' ~ 'b'", true],
    ["'abc' !~ 'B'", true],
    ["'abc' ~* 'B'", true],
    ["'abc' !~* 'B'", false],
    [String.raw`'a_c' LIKE 'a\_c'`, true],
    [String.raw`'abc' LIKE 'a\_c'`, false],
    ["'abc' SIMILAR TO '%(b|d)%'", true],
    ["'abc' NOT SIMILAR TO 'b|d'", true],
    ["|/ 25.0", 5],
    ["(0.1234567::numeric)::text", "0.1234567000"],
    [`'{"a": {"b": "x"}}'::jsonb -> 'a' ->> 'b' = 'x'`, true],
    [`'{"a": {"b": "x"}}'::jsonb #>> '{a,b}'`, "x"],
    [`('{"a": {"b": "x"}}'::jsonb #> '{a}')::text`, '{"b":"x"}'],
    [`jsonb_typeof('{"a": 1}'::jsonb -> 'a')`, "number"],
    ["substring('hello', -1, 3)", "h"],
    ["substring('hello' FROM 2 FOR 3)", "ell"],
    ["overlay('abcdef' PLACING 'zz' FROM 2 FOR 3)", "azzef"],
    ["initcap('hello wORLD')", "Hello World"],
    ["btrim('xxaxx', 'x')", "a"],
    ["octet_length('é')", "2"],
    ["to_hex(255)", "ff"],
    ["encode('a'::bytea, 'hex')", "61"],
    ["quote_literal('it''s')", "'it''s'"],
    ["quote_ident('a b')", '"a b"'],
    ["regexp_match('abc', '(b)(c)')::text", "[b, c]"],
    ["regexp_count('abab', 'a')", "2"],
    ["split_index('a,b', ',', 1)", "b"],
    ["count_char('banana', 'a')", "3"],
    ["justify_hours(INTERVAL '30 hours')::text", "1 day 06:00:00"],
    ["make_interval(hours => 2)::text", "02:00:00"],
    ["date_bin('15 minutes', timestamp '2024-01-01 00:20', timestamp '2000-01-01')::text", "2024-01-01 00:15:00"],
    ["cardinality([1, 2])", "2"],
    ["array_to_string(array_remove([1, 2, 1], 1), '-')", "2"],
    ["array_to_string([1, NULL, 3], ',', '*')", "1,*,3"],
    ["num_nonnulls(1, NULL, 2)", 2],
    ["div(7, 2)", 3],
    ["width_bucket(5, 0, 10, 5)", 3],
    ["to_char(timestamp '2024-02-03 04:05:06.007', 'YYYY-MM-DD HH24:MI:SS.MS')", "2024-02-03 04:05:06.007"],
    ["to_date('03.02.2024', 'DD.MM.YYYY')::text", "2024-02-03"],
    ["timestamptz '2024-01-01 00:00+02'::text", "2023-12-31 22:00:00+00"],
    ["X'00ff'::text", String.raw`\x00\xFF`],
  ])("%s is %j", async (expression, expected) => {
    expect(await value(expression)).toEqual(expected);
  });
});

/** Window starts and ends of one time, in microseconds, as semantics.md section 1 has them: a plain twin of the macros. */
const floorTo = (time: bigint, size: bigint, offset: bigint): bigint => {
  const rest = (time - offset) % size;
  return rest < 0n ? time - (rest + size) : time - rest;
};
type Window = readonly [start: bigint, end: bigint];

function hop(time: bigint, slide: bigint, size: bigint, offset: bigint): readonly Window[] {
  const windows: Window[] = [];
  for (let start = floorTo(time, slide, offset); start > time - size; start -= slide) windows.push([start, start + size]);
  return windows;
}

function cumulate(time: bigint, step: bigint, size: bigint, offset: bigint): readonly Window[] {
  const start = floorTo(time, size, offset);
  const windows: Window[] = [];
  for (let end = start + step; end <= start + size; end += step) if (end > time) windows.push([start, end]);
  return windows;
}

function sessions(times: readonly bigint[], gap: bigint): readonly Window[] {
  const sorted = [...times].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const merged: [bigint, bigint][] = [];
  for (const time of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && time <= last[1]) last[1] = time + gap;
    else merged.push([time, time + gap]);
  }
  return times.map((time) => merged.find(([start, end]) => start <= time && time < end) ?? [0n, 0n]);
}

async function fill(times: readonly (bigint | null)[], type: string): Promise<void> {
  const values = times.map((time, i) => `(${i}, ${i % 2}, make_timestamp(${time})::${type})`);
  await db.run(`CREATE OR REPLACE TABLE t AS SELECT * FROM (VALUES ${values.join(", ")}) v(id, k, ts)`);
}

async function windowsOf(call: string): Promise<readonly string[]> {
  const found = await rows(`SELECT id, epoch_us(window_start), epoch_us(window_end), epoch_us(window_time) FROM ${call} w`);
  return found.map((row) => row.join(" ")).sort();
}

const expected = (times: readonly bigint[], windows: (time: bigint, i: number) => readonly Window[]): readonly string[] =>
  times.flatMap((time, i) => windows(time, i).map(([start, end]) => `${i} ${start} ${end} ${end - 1_000n}`)).sort();

describe(`batch windows (seed ${seed})`, () => {
  const times = fc.array(
    fc.bigInt({ min: -200n, max: 200n }).map((tenths) => (tenths * second_us) / 10n),
    { minLength: 1, maxLength: 12 },
  );
  const slides = fc.record({
    slide: fc.bigInt({ min: 1n, max: 7n }),
    count: fc.bigInt({ min: 1n, max: 5n }),
    offset: fc.bigInt({ min: -40n, max: 40n }),
    type: fc.constantFrom("timestamp", "timestamptz"),
  });

  it("follow the clocks of a zone as the operators do", async () => {
    const zone = "America/Los_Angeles";
    const at = Array.from({ length: 90 }, (_, i) => BigInt(Date.UTC(2021, 1, 20, 3 + 7 * i)) * 1_000n);
    await fill(at, "TIMESTAMPTZ");
    const [day, week, month] = [24n, 168n, 0n].map((hours) => ({ months: hours === 0n ? 1 : 0, micros: hours * 3_600n * second_us }));
    if (day === undefined || week === undefined || month === undefined) throw new Error("there are three lengths");
    const calendar = (shape: "tumble" | "hop" | "cumulate", step: typeof day, size: typeof day) =>
      windowAssigner({ kind: "calendar", shape, step, size, offset: { months: 0, micros: 0n }, zone });
    const same = async (call: string, assign: ReturnType<typeof windowAssigner>): Promise<void> =>
      expect(await windowsOf(`${call}, timezone => '${zone}')`)).toEqual(
        expected(at, (time) => assign(time).map(({ start_us, end_us }) => [start_us, end_us] as Window)),
      );
    await same("TUMBLE(t, ts, INTERVAL '1 day'", calendar("tumble", day, day));
    await same("HOP(t, ts, INTERVAL '1 day', INTERVAL '1 week'", calendar("hop", day, week));
    await same("CUMULATE(t, ts, INTERVAL '1 day', INTERVAL '1 week'", calendar("cumulate", day, week));
    await same("TUMBLE(t, ts, INTERVAL '1 month'", calendar("tumble", month, month));
  });

  it("equal the rules of semantics.md on random times, negative ones included, with any offset", async () => {
    const property = fc.asyncProperty(times, slides, async (at, { slide, count, offset, type }) => {
      await fill(at, type);
      const [s, size, o] = [slide * second_us, slide * count * second_us, offset * second_us];
      const tail = `INTERVAL '${slide} s', INTERVAL '${slide * count} s', INTERVAL '${offset} s')`;
      expect(await windowsOf(`TUMBLE(t, ts, INTERVAL '${slide * count} s', INTERVAL '${offset} s')`)).toEqual(
        expected(at, (time) => hop(time, size, size, o)),
      );
      expect(await windowsOf(`HOP(t, ts, ${tail}`)).toEqual(expected(at, (time) => hop(time, s, size, o)));
      expect(await windowsOf(`CUMULATE(t, ts, ${tail}`)).toEqual(expected(at, (time) => cumulate(time, s, size, o)));
      const all = sessions(at, s);
      expect(await windowsOf(`SESSION(t, ts, INTERVAL '${slide} s')`)).toEqual(expected(at, (_, i) => [all[i] as Window]));
      const even = sessions(
        at.filter((_, i) => i % 2 === 0),
        s,
      );
      const odd = sessions(
        at.filter((_, i) => i % 2 === 1),
        s,
      );
      expect(await windowsOf(`SESSION(t PARTITION BY k, ts, INTERVAL '${slide} s')`)).toEqual(
        expected(at, (_, i) => [(i % 2 === 0 ? even : odd)[i >> 1] as Window]),
      );
    });
    await fc.assert(property, { seed, numRuns: 25 });
    expect.hasAssertions();
  });

  it("leave out rows without a time, as a job's error policy does", async () => {
    await fill([0n, null], "timestamp");
    for (const call of ["TUMBLE(t, ts, '1 s')", "HOP(t, ts, '1 s', '1 s')", "CUMULATE(t, ts, '1 s', '1 s')", "SESSION(t, ts, '1 s')"]) {
      expect(await windowsOf(call)).toEqual(["0 0 1000000 999000"]);
    }
  });

  it("join two rows exactly a gap apart into one session", async () => {
    const minutes = [5n, 7n, 9n, 11n, 13n].map((minute) => (8n * 60n + minute) * 60n * second_us);
    await fill(minutes, "timestamp");
    const found = await rows("SELECT DISTINCT window_start::text, window_end::text FROM SESSION(t, ts, INTERVAL '2' MINUTE) w");
    expect(found).toEqual([["1970-01-01 08:05:00", "1970-01-01 08:15:00"]]);
  });

  it("take a query as data, cascade, and replace the window of the data", async () => {
    await fill([0n, 3n * second_us, 12n * second_us], "timestamp");
    const inner =
      "SELECT window_start, window_time, count(*) AS n FROM TUMBLE((SELECT * FROM t WHERE id < 9), ts, INTERVAL '5 s') GROUP BY ALL";
    const found = await rows(
      `SELECT window_start::text, sum(n)::int FROM TUMBLE((${inner}), window_time, INTERVAL '10 s') GROUP BY 1 ORDER BY 1`,
    );
    expect(found).toEqual([
      ["1970-01-01 00:00:00", 2],
      ["1970-01-01 00:00:10", 1],
    ]);
  });

  it("bind over names that need quotes and columns named like macro parameters", async () => {
    await db.run('CREATE OR REPLACE TABLE "Odd Name" AS SELECT timestamp \'1970-01-01\' AS "size", 1 AS data, 2 AS "offset"');
    expect(await rows(`SELECT data, "offset", epoch_us(window_end) FROM TUMBLE("Odd Name", "size", INTERVAL '1 s')`)).toEqual([
      [1, 2, "1000000"],
    ]);
  });
});
