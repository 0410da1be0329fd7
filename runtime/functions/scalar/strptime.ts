import { daysFromCivil } from "../../contract/text-time.ts";
import { timestamp } from "../../contract/types.ts";
import { textOf } from "./bytes.ts";
import { type Call, literalText, type Resolution, type ScalarFunction } from "./define.ts";
import { fallible } from "./fallible.ts";
import { bigOfNumber } from "./number-lanes.ts";
import type { Slot } from "./slot.ts";
import { type FormatPart, months, parseFormat } from "./time-format.ts";
import { daysInMonth } from "./time-lanes.ts";

/** Reads time stamps by a constant format, as DuckDB does: white space stands for any, numbers may lack leading zeros. */

interface Fields {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  micros: number;
}

/** A number of up to `digits` digits within [min, max], and the field that it sets. */
interface NumberSpecifier {
  readonly digits: number;
  readonly min: number;
  readonly max: number;
  readonly set: (fields: Fields, value: number, width: number) => void;
}

const plain = (field: keyof Fields, digits: number, min: number, max: number): NumberSpecifier => ({
  digits,
  min,
  max,
  set: (fields, value) => {
    fields[field] = value;
  },
});

const twoDigitYear: NumberSpecifier = {
  digits: 2,
  min: 0,
  max: 99,
  set: (fields, value) => {
    fields.year = value >= 69 ? 1_900 + value : 2_000 + value;
  },
};

const fraction = (digits: number): NumberSpecifier => ({
  digits,
  min: 0,
  max: 10 ** digits,
  set: (fields, value, width) => {
    fields.micros = value * 10 ** (6 - width);
  },
});

const numberSpecifiers: Readonly<Record<string, NumberSpecifier>> = {
  Y: plain("year", 4, 0, 9_999),
  y: twoDigitYear,
  "-y": twoDigitYear,
  m: plain("month", 2, 1, 12),
  "-m": plain("month", 2, 1, 12),
  d: plain("day", 2, 1, 31),
  "-d": plain("day", 2, 1, 31),
  H: plain("hour", 2, 0, 23),
  "-H": plain("hour", 2, 0, 23),
  M: plain("minute", 2, 0, 59),
  "-M": plain("minute", 2, 0, 59),
  S: plain("second", 2, 0, 59),
  "-S": plain("second", 2, 0, 59),
  f: fraction(6),
  g: fraction(3),
};

const readable: ReadonlySet<string> = new Set([...Object.keys(numberSpecifiers), "b", "B"]);

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || (byte !== undefined && byte >= 9 && byte <= 13);
const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

/** A position in the text, or -1 when the text does not fit. */
type Step = (bytes: Uint8Array, at: number, end: number, fields: Fields) => number;

function skipSpaces(bytes: Uint8Array, at: number, end: number): number {
  let next = at;
  while (next < end && isSpace(bytes[next])) next++;
  return next;
}

/** A run of white space fits any run, all else itself. */
function literalStep(literal: string): Step {
  const pattern = new TextEncoder().encode(literal);
  return (bytes, start, end) => {
    let at = start;
    for (let p = 0; p < pattern.length; ) {
      if (isSpace(pattern[p])) {
        if (at >= end || !isSpace(bytes[at])) return -1;
        at = skipSpaces(bytes, at, end);
        p = skipSpaces(pattern, p, pattern.length);
      } else if (at >= end || bytes[at++] !== pattern[p++]) return -1;
    }
    return at;
  };
}

const numberStep =
  ({ digits, min, max, set }: NumberSpecifier): Step =>
  (bytes, start, end, fields) => {
    let value = 0;
    let at = start;
    for (; at < end && at - start < digits && isDigit(bytes[at] as number); at++) value = value * 10 + (bytes[at] as number) - 0x30;
    if (at === start || value < min || value > max) return -1;
    set(fields, value, at - start);
    return at;
  };

/** The name of a month in any case. */
function monthStep(names: readonly string[]): Step {
  const lower = names.map((name) => new TextEncoder().encode(name.toLowerCase()));
  return (bytes, at, end, fields) => {
    const month = lower.findIndex(
      (name) => at + name.length <= end && name.every((byte, i) => ((bytes[at + i] as number) | 0x20) === byte),
    );
    if (month < 0) return -1;
    fields.month = month + 1;
    return at + (lower[month] as Uint8Array).length;
  };
}

function stepOf(specifier: string): Step {
  if (specifier === "b") return monthStep(months.map((name) => name.slice(0, 3)));
  if (specifier === "B") return monthStep(months);
  const number = numberSpecifiers[specifier];
  if (number === undefined) throw new Error("invariant: parseFormat let only readable specifiers through");
  return numberStep(number);
}

const specials: Readonly<Record<string, number>> = { epoch: 0, infinity: Number.POSITIVE_INFINITY, "-infinity": Number.NEGATIVE_INFINITY };

/** 1900-01-01: strptime knows the special names, try_strptime takes them for a text without any field. */
const year1900_us = -2_208_988_800_000_000;

/** µs since 1970, an infinity, or NaN when the text does not fit. A double holds all µs of the years 0 to 9999 that end a second. */
export type TimeReader = (bytes: Uint8Array, start: number, end: number) => number;

/** Null when the format has a specifier without a kernel. */
export function timeReader(format: string, tryParse = false): TimeReader | null {
  const parts = parseFormat(format, readable);
  if (parts === null) return null;
  const steps = parts.flatMap((part: FormatPart) => [
    literalStep(part.literal),
    ...(part.specifier === null ? [] : [stepOf(part.specifier)]),
  ]);
  const fields: Fields = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0, micros: 0 };
  return (bytes, start, end) => {
    Object.assign(fields, { year: 1_900, month: 1, day: 1, hour: 0, minute: 0, second: 0, micros: 0 });
    const from = skipSpaces(bytes, start, end);
    let at = from;
    for (const step of steps) {
      at = step(bytes, at, end, fields);
      if (at < 0) return specialOf(bytes, from, end, tryParse);
    }
    return skipSpaces(bytes, at, end) === end ? microsOf(fields) : Number.NaN;
  };
}

function specialOf(bytes: Uint8Array, start: number, end: number, tryParse: boolean): number {
  const special = specials[textOf(bytes, start, end).trimEnd().toLowerCase()];
  return special === undefined ? Number.NaN : tryParse ? year1900_us : special;
}

function microsOf(f: Fields): number {
  if (f.day > daysInMonth(f.year, f.month)) return Number.NaN;
  const seconds = daysFromCivil(f.year, f.month, f.day) * 86_400 + f.hour * 3_600 + f.minute * 60 + f.second;
  return seconds * 1_000_000 + f.micros;
}

function resolve(call: Call, tryParse: boolean): Resolution | null {
  const [text, format] = call.arguments;
  const pattern = literalText(format);
  if (call.arguments.length !== 2 || text?.type.id !== "varchar" || pattern === undefined || call.type.id !== "timestamp") return null;
  const read = timeReader(pattern, tryParse);
  if (read === null) return null;
  return {
    arguments: [text],
    emit: (code, [a]) =>
      fallible(code, timestamp, a as Slot, { tryCast: tryParse, sqlState: "22007" }, (refuse) => {
        const micros = code.local(`${code.constant(read)}(${(a as Slot).lanes.join(", ")})`);
        refuse(`${micros} !== ${micros}`, `a text does not fit the format "${pattern}" of strptime`);
        const finite = bigOfNumber(code, micros);
        const infinite = code.constant(9_223_372_036_854_775_807n);
        return [code.local(`${micros} === Infinity ? ${infinite} : ${micros} === -Infinity ? -${infinite} : ${finite}`)];
      }),
  };
}

export const strptime: ScalarFunction = {
  names: ["strptime"],
  doc: "A time stamp out of a text, by a constant format. A text that does not fit is an error.",
  examples: [
    ["strptime('2001/01/01 00:47', '%Y/%m/%d %H:%M')", "2001-01-01 00:47:00"],
    ["strptime('3 Feb 2001', '%d %b %Y')", "2001-02-03 00:00:00"],
  ],
  resolve: (call) => resolve(call, false),
};

export const tryStrptime: ScalarFunction = {
  names: ["try_strptime"],
  doc: "As strptime; a text that does not fit is NULL.",
  examples: [["try_strptime('yesterday', '%Y-%m-%d')", null]],
  resolve: (call) => resolve(call, true),
};
