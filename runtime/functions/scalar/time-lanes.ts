import { civilFromDays, dateInfinity, daysFromCivil, timestampInfinity } from "../../contract/text-time.ts";

/**
 * Time stamps (µs since 1970, BIGINT) as the two 32-bit words of a lane: a double holds the µs of the years 1684 to 2255, and
 * only times beyond them take a BigInt.
 */
export const dayBig_us = 86_400_000_000n;
const day_us = 86_400_000_000;
const exactHighWord = 0x20_0000;

/** The range of a finite TIMESTAMP in DuckDB. */
export const timestamp_min = -9_223_372_022_400_000_000n;
export const timestamp_max = timestampInfinity - 1n;

const isExact = (high: number): boolean => high >= -exactHighWord && high < exactHighWord;
const bigOf = (low: number, high: number): bigint => (BigInt(high) << 32n) | BigInt(low >>> 0);

export const isInfiniteTime = (low: number, high: number): boolean =>
  (high === 0x7fff_ffff && low === -1) || (high === -0x8000_0000 && low === 1);

/** Whole days since 1970, rounded down. */
export function dayOfTime(low: number, high: number): number {
  if (isExact(high)) return Math.floor((high * 4_294_967_296 + (low >>> 0)) / day_us);
  const micros = bigOf(low, high);
  return Number(floorDivide(micros, dayBig_us));
}

/** µs since midnight. */
export function clockOfTime(low: number, high: number): number {
  if (isExact(high)) {
    const micros = high * 4_294_967_296 + (low >>> 0);
    return micros - Math.floor(micros / day_us) * day_us;
  }
  const rest = bigOf(low, high) % dayBig_us;
  return Number(rest < 0n ? rest + dayBig_us : rest);
}

export const floorDivide = (a: bigint, b: bigint): bigint => (a % b < 0n ? a / b - 1n : a / b);

/** NaN is DuckDB's NULL: a part of an infinite time. */
const ofDay =
  (part: (day: number) => number) =>
  (low: number, high: number): number =>
    isInfiniteTime(low, high) ? Number.NaN : part(dayOfTime(low, high));

const ofClock =
  (part: (clock_us: number) => number) =>
  (low: number, high: number): number =>
    isInfiniteTime(low, high) ? Number.NaN : part(clockOfTime(low, high));

/** Monday = 1 … Sunday = 7; 1970-01-01 was a Thursday. */
export const isoWeekday = (day: number): number => ((((day + 3) % 7) + 7) % 7) + 1;

/** The ISO year and week that hold a day: those of its Thursday. */
function isoWeek(day: number): { readonly year: number; readonly week: number } {
  const thursday = day + 4 - isoWeekday(day);
  const { year } = civilFromDays(thursday);
  return { year, week: Math.floor((thursday - daysFromCivil(year, 1, 1)) / 7) + 1 };
}

/** Rows of a batch are mostly of one day. */
let lastDay = Number.NaN;
let lastDate = civilFromDays(0);
function dateOf(day: number): typeof lastDate {
  if (day !== lastDay) {
    lastDate = civilFromDays(day);
    lastDay = day;
  }
  return lastDate;
}

const dayParts = {
  year: (day: number) => dateOf(day).year,
  month: (day: number) => dateOf(day).month,
  day: (day: number) => dateOf(day).day,
  dayofweek: (day: number) => isoWeekday(day) % 7,
  isodow: isoWeekday,
  dayofyear: (day: number) => day - daysFromCivil(dateOf(day).year, 1, 1) + 1,
  week: (day: number) => isoWeek(day).week,
  isoyear: (day: number) => isoWeek(day).year,
  quarter: (day: number) => Math.floor((dateOf(day).month - 1) / 3) + 1,
  decade: (day: number) => Math.trunc(dateOf(day).year / 10),
} as const;

const clockParts = {
  hour: (clock: number) => Math.floor(clock / 3_600_000_000),
  minute: (clock: number) => Math.floor(clock / 60_000_000) % 60,
  second: (clock: number) => Math.floor(clock / 1_000_000) % 60,
  millisecond: (clock: number) => Math.floor((clock % 60_000_000) / 1_000),
  microsecond: (clock: number) => clock % 60_000_000,
} as const;

export type DayPart = keyof typeof dayParts;
export type ClockPart = keyof typeof clockParts;

/** Part of a time stamp, by its words; NaN when it is infinite. */
export type TimePart = (low: number, high: number) => number;

export const timeParts: Readonly<Record<DayPart | ClockPart, TimePart>> = {
  ...(Object.fromEntries(Object.entries(dayParts).map(([name, part]) => [name, ofDay(part)])) as Record<DayPart, TimePart>),
  ...(Object.fromEntries(Object.entries(clockParts).map(([name, part]) => [name, ofClock(part)])) as Record<ClockPart, TimePart>),
};

/** TIMESTAMPTZ goes through ICU, whose years before 1 count backwards: 1 BC is 1. */
export const zonedParts: Readonly<Record<string, TimePart>> = {
  ...Object.fromEntries(Object.entries(timeParts).filter(([name]) => name !== "decade")),
  year: ofDay((day) => (dateOf(day).year > 0 ? dateOf(day).year : 1 - dateOf(day).year)),
};

/** Part of a DATE; NaN when it is infinite. */
export const dateParts: Readonly<Record<DayPart, (day: number) => number>> = Object.fromEntries(
  Object.entries(dayParts).map(([name, part]) => [name, (day: number) => (isInfiniteDate(day) ? Number.NaN : part(day))]),
) as Record<DayPart, (day: number) => number>;

export const isInfiniteDate = (day: number): boolean => day === dateInfinity || day === -dateInfinity;

export const isInfiniteMicros = (micros: bigint): boolean => micros === timestampInfinity || micros === -timestampInfinity;

/** The same day of the month, or its last, `months` on. */
export function addMonths(day: number, months: number): number {
  const date = civilFromDays(day);
  const month = date.year * 12 + date.month - 1 + months;
  const year = Math.floor(month / 12);
  const monthOfYear = month - year * 12 + 1;
  return daysFromCivil(year, monthOfYear, Math.min(date.day, daysInMonth(year, monthOfYear)));
}

export const daysInMonth = (year: number, month: number): number =>
  (month === 12 ? daysFromCivil(year + 1, 1, 1) : daysFromCivil(year, month + 1, 1)) - daysFromCivil(year, month, 1);
