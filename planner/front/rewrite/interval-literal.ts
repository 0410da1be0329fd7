import type { Token } from "../token.ts";
import { isMark, isOperator, isWord } from "../token.ts";

/** A constant interval; days count as 24 hours. */
export interface IntervalLiteral {
  readonly months: number;
  readonly micros: number;
  /** How many tokens it takes. */
  readonly length: number;
  /** DuckDB reads it, and reads the same. */
  readonly isPlain: boolean;
}

const second_us = 1_000_000;
const inMicros: Readonly<Record<string, number>> = {
  microsecond: 1,
  millisecond: 1_000,
  second: second_us,
  minute: 60 * second_us,
  hour: 3_600 * second_us,
  day: 86_400 * second_us,
  week: 604_800 * second_us,
};
const inMonths: Readonly<Record<string, number>> = { month: 1, quarter: 3, year: 12, decade: 120, century: 1_200, millennium: 12_000 };
const shortUnits: Readonly<Record<string, string>> = {
  us: "microsecond",
  usec: "microsecond",
  usecs: "microsecond",
  ms: "millisecond",
  msec: "millisecond",
  msecs: "millisecond",
  s: "second",
  sec: "second",
  secs: "second",
  m: "minute",
  min: "minute",
  mins: "minute",
  h: "hour",
  hr: "hour",
  hrs: "hour",
  d: "day",
  w: "week",
  mon: "month",
  mons: "month",
  y: "year",
  yr: "year",
  yrs: "year",
  centuries: "century",
  millennia: "millennium",
};

interface Amount {
  months: number;
  micros: number;
}

function unitOf(word: string): string | null {
  const lower = word.toLowerCase();
  const unit = shortUnits[lower] ?? (lower.endsWith("s") ? lower.slice(0, -1) : lower);
  return unit in inMicros || unit in inMonths ? unit : null;
}

function add(amount: Amount, count: number, unit: string): void {
  amount.micros += Math.round(count * (inMicros[unit] ?? 0));
  amount.months += Math.round(count * (inMonths[unit] ?? 0));
}

/** Postgres' and ISO 8601's interval text; a number without a unit counts `bareUnit`. Null when it is neither. */
export function parseIntervalText(text: string, bareUnit: string): Amount | null {
  const iso = /^\s*P(?=[\dT])(.*)$/i.exec(text);
  if (iso !== null) return parseIso(iso[1] ?? "");
  const amount: Amount = { months: 0, micros: 0 };
  const item = /\s*(?:([+-]?)(\d+):(\d{1,2})(?::(\d{1,2}(?:\.\d*)?))?|([+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*([a-zA-Z]+)?)\s*,?/y;
  while (item.lastIndex < text.trimEnd().length) {
    const found = item.exec(text);
    if (found === null) return null;
    const [, sign, hours, minutes, seconds, count, word] = found;
    if (hours !== undefined)
      add(amount, (sign === "-" ? -1 : 1) * (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds ?? 0)), "second");
    else {
      const unit = word === undefined ? bareUnit : unitOf(word);
      if (unit === null) return null;
      add(amount, Number(count), unit);
    }
  }
  return text.trim() === "" ? null : amount;
}

function parseIso(text: string): Amount | null {
  const found = /^(?:(-?\d+)Y)?(?:(-?\d+)M)?(?:(-?\d+)W)?(?:(-?\d+)D)?(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?\d+(?:\.\d+)?)S)?)?$/i.exec(text);
  if (found === null) return null;
  const amount: Amount = { months: 0, micros: 0 };
  for (const [i, unit] of ["year", "month", "week", "day", "hour", "minute", "second"].entries())
    add(amount, Number(found[i + 1] ?? 0), unit);
  return amount;
}

const fields = ["year", "month", "day", "hour", "minute", "second"];

/** `'1 02:03' DAY TO MINUTE`: the numbers of the text are the fields from the first to the last. */
function parseRange(text: string, first: string, last: string): Amount | null {
  const from = fields.indexOf(first);
  const to = fields.indexOf(last);
  const parts = text
    .trim()
    .replace(/^[+-]/, "")
    .split(/[\s:-]+/);
  if (from < 0 || to <= from || parts.length !== to - from + 1 || parts.some((part) => !/^\d+(?:\.\d*)?$/.test(part))) return null;
  const sign = text.trim().startsWith("-") ? -1 : 1;
  const amount: Amount = { months: 0, micros: 0 };
  for (const [i, part] of parts.entries()) add(amount, sign * Number(part), fields[from + i] ?? "");
  return amount;
}

/** The unit after an interval's text: `MINUTE`, `SECOND(3)`, `DAY TO SECOND`. */
function readQualifier(tokens: readonly Token[], at: number): { first: string | null; last: string | null; length: number } {
  const word = tokens[at];
  const first = word?.kind === "word" ? unitOf(word.value) : null;
  if (first === null) return { first: null, last: null, length: 0 };
  let length = 1 + precisionLength(tokens, at + 1);
  const end = isWord(tokens[at + length], "to") ? tokens[at + length + 1] : undefined;
  const last = end?.kind === "word" ? unitOf(end.value) : null;
  if (last !== null) length += 2 + precisionLength(tokens, at + length + 2);
  return { first, last, length };
}

const precisionLength = (tokens: readonly Token[], at: number): number =>
  isMark(tokens[at], "(") && tokens[at + 1]?.kind === "number" && isMark(tokens[at + 2], ")") ? 3 : 0;

/**
 * The constant interval that begins at `tokens[at]`: `INTERVAL '1 hour'`, `INTERVAL '5' MINUTE`, `INTERVAL 5 MINUTE`,
 * `INTERVAL '1 02:03' DAY TO MINUTE`, each with a sign. Null when none begins there or its text is not understood.
 */
export function readIntervalLiteral(tokens: readonly Token[], at = 0): IntervalLiteral | null {
  if (isOperator(tokens[at], "-") || isOperator(tokens[at], "+")) {
    const inner = readIntervalLiteral(tokens, at + 1);
    if (inner === null) return null;
    const signed = (amount: number): number => (isOperator(tokens[at], "-") ? 0 - amount : amount);
    return { ...inner, months: signed(inner.months), micros: signed(inner.micros), length: inner.length + 1 };
  }
  const text = tokens[at + 1];
  if (!isWord(tokens[at], "interval") || (text?.kind !== "string" && text?.kind !== "number")) return null;
  const { first, last, length } = readQualifier(tokens, at + 2);
  if (text.kind === "number" && first === null) return null;
  const amount = last === null ? parseIntervalText(text.value, first ?? "second") : parseRange(text.value, first ?? "", last);
  if (amount === null) return null;
  const isBare = /^\s*[+-]?[\d.]+\s*$/.test(text.value) || /^\s*P/i.test(text.value);
  return { ...amount, length: 2 + length, isPlain: length <= 1 && (first !== null ? !/[a-zA-Z]/.test(text.value) : !isBare) };
}

/** The interval in words that DuckDB reads. */
export function formatInterval({ months, micros }: Amount): string {
  return months === 0 ? `INTERVAL '${micros} microseconds'` : `INTERVAL '${months} months ${micros} microseconds'`;
}
