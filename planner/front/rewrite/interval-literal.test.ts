import { describe, expect, it } from "vitest";
import { lex } from "../lexer.ts";
import { readIntervalLiteral } from "./interval-literal.ts";

const s = 1_000_000;

describe("readIntervalLiteral", () => {
  it.each<[string, number, number]>([
    ["INTERVAL '1 hour'", 0, 3_600 * s],
    ["INTERVAL '1 day 02:03:04.5'", 0, 93_784.5 * s],
    ["INTERVAL '-1:30'", 0, -5_400 * s],
    ["INTERVAL '1.5' HOUR", 0, 5_400 * s],
    ["INTERVAL '250' MILLISECONDS", 0, s / 4],
    ["INTERVAL '0.001' SECOND(3)", 0, s / 1_000],
    ["INTERVAL '2 weeks, 3 mins'", 0, 1_209_780 * s],
    ["INTERVAL '1 02:03:04' DAY TO SECOND(3)", 0, 93_784 * s],
    ["INTERVAL '-10:30' MINUTE TO SECOND", 0, -630 * s],
    ["INTERVAL 5 MINUTE", 0, 300 * s],
    ["- INTERVAL '5' MINUTE", 0, -300 * s],
    ["INTERVAL 'P1DT2H'", 0, 93_600 * s],
    ["INTERVAL '1 year 2 mons'", 14, 0],
    ["INTERVAL '1-2' YEAR TO MONTH", 14, 0],
  ])("%s", (text, months, micros) => {
    const tokens = lex(text);
    expect(readIntervalLiteral(tokens)).toMatchObject({ months, micros, length: tokens.length });
  });

  it.each(["INTERVAL '1 fortnight'", "INTERVAL ''", "INTERVAL 5", "INTERVAL a", "INTERVAL '1:2:3' DAY TO SECOND", "interval", "5"])(
    "leaves %s alone",
    (text) => expect(readIntervalLiteral(lex(text))).toBeNull(),
  );
});
