import { describe, expect, it } from "vitest";
import { SqlError, type SqlState } from "../../../runtime/contract/errors.ts";
import { rewriteQuery } from "./rewrite-query.ts";

const rewrite = (text: string): string => rewriteQuery({ text, at: 0 }).text;

const minute = "INTERVAL '60000000 microseconds'";
const hour = "INTERVAL '3600000000 microseconds'";

describe("window calls", () => {
  it.each([
    ["plain form", "SELECT * FROM TUMBLE(bid, ts, INTERVAL '1 hour')", `SELECT * FROM tumble('bid', ts, ${hour}) AS bid`],
    ["its alias is kept", "SELECT w.* FROM TUMBLE(s.bid, ts, INTERVAL '1' HOUR) w", `SELECT w.* FROM tumble('s.bid', ts, ${hour}) w`],
    ["quoted names", 'FROM TUMBLE("My T", "Ts", INTERVAL 60 MINUTES) AS "W"', `FROM tumble('"My T"', "Ts", ${hour}) AS "W"`],
    [
      "an offset",
      "FROM TUMBLE(t, ts, '1 hour', - INTERVAL '1' MINUTE) w",
      `FROM tumble('t', ts, ${hour}, "offset" => INTERVAL '-60000000 microseconds') w`,
    ],
    ["HOP has slide, then size", "FROM HOP(t, ts, INTERVAL '1 minute', INTERVAL 'PT1H') w", `FROM hop('t', ts, ${minute}, ${hour}) w`],
    [
      "CUMULATE has step, then size",
      "FROM CUMULATE(t, ts, CAST('60' AS interval), '01:00'::interval) w",
      `FROM cumulate('t', ts, ${minute}, ${hour}) w`,
    ],
    ["SESSION of all rows", "FROM SESSION(t, ts, INTERVAL '1 minute') w", `FROM session('t', ts, ${minute}) w`],
    ["SESSION by a key", "FROM SESSION(t PARTITION BY k, ts, INTERVAL '1 minute') w", `FROM session('t', ts, ${minute}, keys => k) w`],
    [
      "SESSION by keys",
      "FROM SESSION(t PARTITION BY k, l % 2, ts, INTERVAL '1 minute') w",
      `FROM session('t', ts, ${minute}, keys => row(k, l % 2)) w`,
    ],
    ["Flink's form", "FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '60' SECOND(3)))", `FROM tumble('t', ts, ${minute}) AS t`],
    [
      "Flink's form by a key that does not matter",
      "FROM TABLE ( HOP(TABLE t PARTITION BY k, DESCRIPTOR(`ts`), INTERVAL '1' MINUTE, INTERVAL '1' HOUR) ) AS w",
      `FROM hop('t', "ts", ${minute}, ${hour}) AS w`,
    ],
    [
      "Flink's SESSION",
      "FROM TABLE(SESSION(TABLE t PARTITION BY (k, l), DESCRIPTOR(ts), INTERVAL '1' MINUTE)) w",
      `FROM session('t', ts, ${minute}, keys => row(k, l)) w`,
    ],
    [
      "named arguments in any order",
      "FROM TABLE(HOP(SIZE => INTERVAL '1' HOUR, DATA => TABLE t, `OFFSET` => INTERVAL '0' SECOND, TIMECOL => DESCRIPTOR(ts), SLIDE => INTERVAL '1' MINUTE)) w",
      `FROM hop('t', ts, ${minute}, ${hour}, "offset" => INTERVAL '0 microseconds') w`,
    ],
    ["a length that is no literal", "FROM TUMBLE(t, ts, INTERVAL '1 minute' * 2) w", "FROM tumble('t', ts, INTERVAL '1 minute' * 2) w"],
    ["a parameter as length", "FROM TUMBLE(t, ts, $1) w", "FROM tumble('t', ts, $1) w"],
    [
      "a query as data",
      "SELECT * FROM SESSION((SELECT * FROM bid WHERE a = 'x') PARTITION BY k, ts, INTERVAL '1 minute') WHERE k > 1",
      `SELECT * FROM (with mr_data_1 as (SELECT * FROM bid WHERE a = 'x') select * from session('mr_data_1', ts, ${minute}, keys => k)) AS session WHERE k > 1`,
    ],
    [
      "a window over a window",
      "SELECT * FROM TUMBLE((SELECT window_time FROM HOP(t, ts, '1 min', '1 h') GROUP BY 1), window_time, '1 h') w",
      `SELECT * FROM (with mr_data_1 as (SELECT window_time FROM hop('t', ts, ${minute}, ${hour}) AS t GROUP BY 1) select * from tumble('mr_data_1', window_time, ${hour})) w`,
    ],
    [
      "joins, lists and sub-queries",
      "SELECT a, b FROM x JOIN TUMBLE(t, ts, '1 min') ON x.a = t.a, LATERAL HOP(u, ts, '1 min', '1 h') AS h WHERE EXISTS (SELECT 1 FROM (CUMULATE(v, ts, '1 min', '1 h')))",
      `SELECT a, b FROM x JOIN tumble('t', ts, ${minute}) AS t ON x.a = t.a, LATERAL hop('u', ts, ${minute}, ${hour}) AS h WHERE EXISTS (SELECT 1 FROM (cumulate('v', ts, ${minute}, ${hour}) AS v))`,
    ],
    [
      "tables and columns of those names",
      "SELECT tumble, extract(hour FROM hop) FROM session WHERE a IS DISTINCT FROM tumble",
      "SELECT tumble, extract(hour FROM hop) FROM session WHERE a IS DISTINCT FROM tumble",
    ],
  ])("%s", (_, sql, expected) => {
    expect(rewrite(sql)).toBe(expected);
  });
});

type Refusal = readonly [sql: string, message: string, near: string, sqlState: SqlState, hint?: string];

const order = "Write HOP(data, timecol, slide, size, [offset], [timezone]).";
const refusals: readonly Refusal[] = [
  [
    "SELECT * FROM TUMBLE(t, ts)",
    'TUMBLE needs its argument "size"',
    "TUMBLE",
    "42883",
    "Write TUMBLE(data, timecol, size, [offset], [timezone]).",
  ],
  ["SELECT * FROM TUMBLE()", 'argument "data" of TUMBLE is empty', "TUMBLE", "42883"],
  ["SELECT * FROM HOP(t, ts, '1 s', '2 s', '0 s', 'UTC', 5)", "too many arguments for HOP", "5)", "42883", order],
  ["SELECT * FROM HOP(t, ts, SIZ => '1 s', SLIDE => '2 s')", 'HOP has no argument "siz"', "SIZ", "42883", 'Perhaps you meant "size".'],
  ["SELECT * FROM HOP(t, ts, SLIDE => '1 s', '2 s')", "positional argument cannot follow named argument", "'2 s'", "42883", order],
  ["SELECT * FROM HOP(t, ts, '1 s', slide => '2 s')", 'argument "slide" of HOP is given twice', "slide", "42883", order],
  ["SELECT * FROM TUMBLE(1 + 2, ts, '1 s')", "the first argument of TUMBLE must be a table or a query in parentheses", "1 + 2", "42601"],
  ["SELECT * FROM TUMBLE(t, 'ts', '1 s')", "the time column of TUMBLE must be a column's name", "'ts'", "42601"],
  ["SELECT * FROM TUMBLE(t, DESCRIPTOR(a, b), '1 s')", "DESCRIPTOR takes one column's name", "DESCRIPTOR", "42601"],
  ["SELECT * FROM TUMBLE(t, ts, INTERVAL '0 s')", "size of TUMBLE must be greater than zero", "INTERVAL", "22023"],
  ["SELECT * FROM SESSION(t, ts, -INTERVAL '1' MINUTE)", "gap of SESSION must be greater than zero", "-INTERVAL", "22023"],
  ["SELECT * FROM TUMBLE(t, ts, 10)", "size of TUMBLE must be an interval", "10", "42804", "Write INTERVAL '10 seconds'."],
  ["SELECT * FROM HOP(t, ts, INTERVAL '7 s', INTERVAL '60 s')", "size of HOP must be a multiple of its slide", "INTERVAL '60 s'", "22023"],
  [
    "SELECT * FROM HOP(t, ts, '1 h', '1 min')",
    "size of HOP must be a multiple of its slide",
    "'1 min'",
    "22023",
    "The order is HOP(table, time column, slide, size).",
  ],
  ["SELECT * FROM CUMULATE(t, ts, '1 day', '1 month')", "size of CUMULATE must be a multiple of its step", "'1 month'", "22023"],
  ["SELECT * FROM CUMULATE(t, ts, '7 s', '60 s')", "size of CUMULATE must be a multiple of its step", "'60 s'", "22023"],
  [
    "SELECT * FROM TUMBLE(t, ts, INTERVAL '1 month 2 days')",
    "TUMBLE with a size of months and shorter units is not supported yet",
    "INTERVAL",
    "0A000",
    "Use months and years, or days and shorter units.",
  ],
  ["SELECT * FROM SESSION(t PARTITION BY , ts, '1 s')", "PARTITION BY needs a column", "PARTITION", "42601"],
  ["SELECT * FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), '1 s') x)", 'syntax error at or near "x"', "x)", "42601"],
  [
    "SELECT count(*) FROM t GROUP BY TUMBLE(ts, '1 s')",
    "TUMBLE outside FROM is not supported yet",
    "TUMBLE",
    "0A000",
    "Write FROM TUMBLE(table, time_column, …) and GROUP BY window_start, window_end.",
  ],
];

describe("window calls refuse", () => {
  it.each(refusals)("%s", (...refusal) => {
    const [text, message, near, sqlState, hint] = refusal as unknown as Refusal;
    const at = 100 + text.indexOf(near);
    expect(() => rewriteQuery({ text, at: 100 })).toThrowError(SqlError);
    expect(() => rewriteQuery({ text, at: 100 })).toThrowError(
      expect.objectContaining({ message, at, sqlState, ...(hint === undefined ? {} : { hint }) }),
    );
  });
});
