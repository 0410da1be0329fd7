import { civilFromDays, daysFromCivil } from "../../contract/text-time.ts";
import { dayNames, isoYearStart, julianEpoch, monthNames, romanMonths } from "./calendar.ts";
import { dataError } from "./define.ts";
import { type TimeField, type TimeNode, timeTemplate } from "./time-template.ts";

/** What a text said under a template: 0 and null where it said nothing (Postgres' TmFromChar). */
interface Said {
  year: number;
  /** Digits of the year as typed. */
  yearDigits: number;
  bc: boolean;
  century: number;
  month: number;
  day: number;
  dayOfYear: number;
  /** Sunday = 1; of an ISO date Monday = 1. */
  weekday: number;
  week: number;
  weekOfMonth: number;
  julian: number;
  hour: number;
  minute: number;
  second: number;
  micros: number;
  secondsOfDay: number;
  isPm: boolean;
  is12: boolean;
  isIso: boolean;
  isGregorian: boolean;
  zone_min: number;
}

const nothing: Said = {
  year: 0,
  yearDigits: 0,
  bc: false,
  century: 0,
  month: 0,
  day: 0,
  dayOfYear: 0,
  weekday: 0,
  week: 0,
  weekOfMonth: 0,
  julian: 0,
  hour: 0,
  minute: 0,
  second: 0,
  micros: 0,
  secondsOfDay: 0,
  isPm: false,
  is12: false,
  isIso: false,
  isGregorian: false,
  zone_min: 0,
};

export interface ReadTime {
  /** Days since 1970. */
  readonly days: number;
  /** µs since midnight, the zone taken away. */
  readonly clock_us: number;
}

/** A text read by a template. Throws 22007 and 22008 as Postgres does. */
export function readTime(text: string, template: string): ReadTime {
  const said = new TemplateReader(text, timeTemplate(template)).read();
  return timeOf(said, text);
}

/** Two digits and less mean the year nearest to 2020. */
function fullYear(year: number): number {
  if (year < 70) return year + 2000;
  if (year < 100) return year + 1900;
  if (year < 520) return year + 2000;
  return year < 1000 ? year + 1000 : year;
}

/** Walks the text along the template (DCH_from_char of Postgres' formatting.c). */
class TemplateReader {
  readonly #text: string;
  readonly #nodes: readonly TimeNode[];
  readonly #said: Said = { ...nothing };
  #at = 0;

  constructor(text: string, nodes: readonly TimeNode[]) {
    this.#text = text;
    this.#nodes = nodes;
  }

  read(): Said {
    const exact = this.#nodes.some((node) => node.kind === "field" && node.name === "FX");
    /** Characters that were skipped beyond those of the template. */
    let extra = 0;
    for (const [n, node] of this.#nodes.entries()) {
      if (this.#at >= this.#text.length) break;
      if (!exact && (node.kind === "field" || n === 0)) for (; /\s/.test(this.#text.charAt(this.#at)); this.#at++) extra++;
      if (node.kind === "field") {
        this.#field(node, this.#nodes[n + 1]);
        if (!exact) extra = 0;
      } else if (exact || node.kind === "character") {
        if (extra > 0 && !exact) extra--;
        else this.#at++;
      } else {
        extra--;
        if (/[\s!-/:-@[-`{-~]/.test(this.#text.charAt(this.#at))) {
          this.#at++;
          extra++;
        }
      }
    }
    return this.#said;
  }

  #field(field: TimeField, next: TimeNode | undefined): void {
    const read = readers[field.name];
    if (read === undefined) throw dataError("0A000", `formatting field "${field.typed}" is only supported in to_char`);
    read(this.#said, {
      digits: (width) => this.#digits(field, width, next),
      word: (words) => this.#word(field, words),
      sign: () => this.#sign(),
    });
    if (isoFields.has(field.name)) this.#said.isIso = true;
    if (gregorianFields.has(field.name)) this.#said.isGregorian = true;
    if (field.ordinal !== null) this.#at += 2;
  }

  /** A number of `width` digits, or as many as there are when no digit can follow in the template. */
  #digits(field: TimeField, width: number, next: TimeNode | undefined): { readonly value: number; readonly length: number } {
    while (/\s/.test(this.#text.charAt(this.#at))) this.#at++;
    const slurps =
      field.fill || field.ordinal !== null || next === undefined || !(next.kind === "field" ? next.isDigits : /\d/.test(next.text));
    const rest = this.#text.slice(this.#at, slurps ? undefined : this.#at + width);
    const found = /^[+-]?\d+/.exec(rest)?.[0] ?? "";
    if (!slurps && rest.length < width) throw this.#invalid(field, "source string too short for", rest);
    if (found === "" || (!slurps && found.length < width)) throw this.#invalid(field, "invalid value", rest.slice(0, width));
    const value = Number(found);
    if (value > 2_147_483_647 || value < -2_147_483_648) throw this.#invalid(field, "value out of range", found);
    this.#at += found.length;
    return { value, length: found.length };
  }

  #word(field: TimeField, words: readonly string[]): number {
    const rest = this.#text.slice(this.#at).toLowerCase();
    const index = words.findIndex((word) => rest.startsWith(word.toLowerCase()));
    if (index < 0) throw this.#invalid(field, "invalid value", /^\S*/.exec(this.#text.slice(this.#at))?.[0] ?? "");
    this.#at += (words[index] as string).length;
    return index;
  }

  #sign(): number {
    const c = this.#text.charAt(this.#at);
    if (c === "+" || c === "-" || c === " ") this.#at++;
    return c === "-" ? -1 : 1;
  }

  #invalid(field: TimeField, what: string, value: string): Error {
    return dataError(
      "22007",
      what.endsWith("for") ? `${what} "${field.typed}" formatting field` : `${what} "${value}" for "${field.typed}"`,
    );
  }
}

/** Fields of one calendar do not go with those of the other. */
const isoFields = new Set("IDDD ID IW IYYY IYY IY I".split(" "));
const gregorianFields = new Set("MONTH MON MM RM DAY DY DDD DD D WW W Q Y,YYY YYYY YYY YY Y".split(" "));

interface Source {
  readonly digits: (width: number) => { readonly value: number; readonly length: number };
  readonly word: (words: readonly string[]) => number;
  readonly sign: () => number;
}
type Read = (said: Said, from: Source) => void;

const number =
  (
    key: "month" | "day" | "dayOfYear" | "week" | "weekOfMonth" | "julian" | "minute" | "second" | "secondsOfDay" | "century",
    width: number,
  ): Read =>
  (said, from) => {
    said[key] = from.digits(width).value;
  };

const hours =
  (is12: boolean): Read =>
  (said, from) => {
    said.hour = from.digits(2).value;
    said.is12 = is12;
  };

const fraction =
  (width: number): Read =>
  (said, from) => {
    const { value, length } = from.digits(width);
    said.micros += value * 10 ** (6 - Math.min(length, 6));
  };

const year =
  (width: number): Read =>
  (said, from) => {
    const { value, length } = from.digits(width);
    said.year = width < 4 && length < 4 ? fullYear(value) : value;
    said.yearDigits = width;
  };

const noon =
  (dotted: boolean): Read =>
  (said, from) => {
    said.isPm = from.word(dotted ? ["a.m.", "p.m."] : ["am", "pm"]) === 1;
    said.is12 = true;
  };

const era =
  (dotted: boolean): Read =>
  (said, from) => {
    said.bc = from.word(dotted ? ["a.d.", "b.c."] : ["ad", "bc"]) === 1;
  };

const short = (names: readonly string[]): readonly string[] => names.map((name) => name.slice(0, 3));
const dayName =
  (names: readonly string[]): Read =>
  (said, from) => {
    said.weekday = from.word(names) + 1;
  };

const readers: Readonly<Record<string, Read>> = {
  FX: () => undefined,
  "A.M.": noon(true),
  "P.M.": noon(true),
  AM: noon(false),
  PM: noon(false),
  "A.D.": era(true),
  "B.C.": era(true),
  AD: era(false),
  BC: era(false),
  HH: hours(true),
  HH12: hours(true),
  HH24: hours(false),
  MI: number("minute", 2),
  SS: number("second", 2),
  MS: fraction(3),
  US: fraction(6),
  ...Object.fromEntries([1, 2, 3, 4, 5, 6].map((places) => [`FF${places}`, fraction(places)])),
  SSSS: number("secondsOfDay", 5),
  SSSSS: number("secondsOfDay", 5),
  TZH: (said, from) => {
    const sign = from.sign();
    said.zone_min += sign * from.digits(2).value * 60;
  },
  TZM: (said, from) => {
    said.zone_min += (said.zone_min < 0 ? -1 : 1) * from.digits(2).value;
  },
  MONTH: (said, from) => void (said.month = from.word(monthNames) + 1),
  MON: (said, from) => void (said.month = from.word(short(monthNames)) + 1),
  MM: number("month", 2),
  RM: (said, from) => void (said.month = 12 - from.word(romanMonths.toReversed())),
  DAY: dayName(dayNames),
  DY: dayName(short(dayNames)),
  DDD: number("dayOfYear", 3),
  IDDD: number("dayOfYear", 3),
  DD: number("day", 2),
  D: (said, from) => void (said.weekday = from.digits(1).value),
  ID: (said, from) => void (said.weekday = from.digits(1).value),
  WW: number("week", 2),
  IW: number("week", 2),
  W: number("weekOfMonth", 1),
  Q: (_said, from) => void from.digits(1),
  CC: number("century", 2),
  "Y,YYY": (said, from) => {
    const thousands = from.digits(9).value;
    from.sign();
    said.year = thousands * 1000 + from.digits(3).value;
    said.yearDigits = 4;
  },
  YYYY: year(4),
  YYY: year(3),
  YY: year(2),
  Y: year(1),
  IYYY: year(4),
  IYY: year(3),
  IY: year(2),
  I: year(1),
  J: number("julian", 9),
};

function timeOf(said: Said, text: string): ReadTime {
  const outOfRange = (): Error => dataError("22008", `date/time field value out of range: "${text}"`);
  const clock_us = clockOf(said, outOfRange);
  return { days: dayOf(said, outOfRange), clock_us: clock_us - said.zone_min * 60_000_000 };
}

function clockOf(said: Said, outOfRange: () => Error): number {
  let { hour, minute, second } = said;
  if (said.secondsOfDay > 0) {
    hour = Math.floor(said.secondsOfDay / 3600);
    minute = Math.floor(said.secondsOfDay / 60) % 60;
    second = said.secondsOfDay % 60;
  }
  if (said.is12) {
    if (hour < 1 || hour > 12)
      throw dataError(
        "22007",
        `hour "${hour}" is invalid for the 12-hour clock`,
        "Use the 24-hour clock, or give an hour between 1 and 12.",
      );
    hour = (hour % 12) + (said.isPm ? 12 : 0);
  }
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) throw outOfRange();
  return ((hour * 60 + minute) * 60 + second) * 1_000_000 + said.micros;
}

/** The year as the calendar counts: 1 BC is 0; undefined when there is none. */
function yearOf(said: Said): number | undefined {
  if (said.year !== 0) {
    if (said.century !== 0 && said.yearDigits <= 2) {
      const low = said.year % 100;
      if (said.bc) return -(said.century - 1) * 100 - low + 1;
      return low === 0 ? said.century * 100 : (said.century - 1) * 100 + low;
    }
    const year = said.bc ? -said.year : said.year;
    return year < 0 ? year + 1 : year;
  }
  if (said.century === 0) return undefined;
  return said.bc ? -said.century * 100 + 1 : (said.century - 1) * 100 + 1;
}

function dayOf(said: Said, outOfRange: () => Error): number {
  if (said.isIso && said.isGregorian) {
    const hint = "Do not mix Gregorian and ISO week date conventions in a formatting template.";
    throw dataError("22007", "invalid combination of date conventions", hint);
  }
  if (said.julian > 0) return said.julian - julianEpoch;
  const year = yearOf(said) ?? 0;
  if (said.isIso && said.week > 0) return isoYearStart(year) + (said.week - 1) * 7 + (said.weekday > 1 ? said.weekday - 1 : 0);
  const dayOfYear = said.week > 0 ? (said.week - 1) * 7 + 1 : said.dayOfYear;
  const day = said.weekOfMonth > 0 ? (said.weekOfMonth - 1) * 7 + 1 : said.day;
  if (dayOfYear > 0 && (said.month <= 1 || day <= 1)) {
    if (yearOf(said) === undefined) throw dataError("22007", "cannot calculate day of year without year information");
    if (dayOfYear > 366) throw outOfRange();
    return (said.isIso ? isoYearStart(year) : daysFromCivil(year, 1, 1)) + dayOfYear - 1;
  }
  const month = said.month === 0 ? 1 : said.month;
  if (month < 1 || month > 12 || day < 0) throw outOfRange();
  const days = daysFromCivil(year, month, day === 0 ? 1 : day);
  if (civilFromDays(days).month !== month) throw outOfRange();
  return days;
}
