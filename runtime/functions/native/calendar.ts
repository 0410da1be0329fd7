import { civilFromDays, day_us, daysFromCivil } from "../../contract/text-time.ts";
import type { Interval } from "../../contract/value.ts";

export const monthNames: readonly string[] = "January February March April May June July August September October November December".split(
  " ",
);
export const dayNames: readonly string[] = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");
export const romanMonths: readonly string[] = "I II III IV V VI VII VIII IX X XI XII".split(" ");

/** The Julian day of 1970-01-01. */
export const julianEpoch = 2_440_588;

const dayBig_us = BigInt(day_us);

/** A time stamp taken apart, as templates name its parts. Years before 1 are 0, -1, … */
export interface TimeParts {
  readonly isInterval: boolean;
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly micros: number;
  readonly dayOfYear: number;
  /** Sunday = 0. */
  readonly weekday: number;
  readonly isoYear: number;
  readonly isoWeek: number;
  readonly isoDayOfYear: number;
  readonly julian: number;
}

/** Monday = 1 … Sunday = 7; 1970-01-01 was a Thursday. */
const isoWeekday = (days: number): number => ((((days + 3) % 7) + 7) % 7) + 1;

/** The day, since 1970, on which an ISO year begins. */
export function isoYearStart(year: number): number {
  const fourth = daysFromCivil(year, 1, 4);
  return fourth - isoWeekday(fourth) + 1;
}

export function partsOfTimestamp(micros: bigint): TimeParts {
  const rest = ((micros % dayBig_us) + dayBig_us) % dayBig_us;
  const days = Number((micros - rest) / dayBig_us);
  const clock = Number(rest);
  const { year, month, day } = civilFromDays(days);
  const isoYear = civilFromDays(days + 4 - isoWeekday(days)).year;
  const isoDayOfYear = days - isoYearStart(isoYear) + 1;
  return {
    isInterval: false,
    year,
    month,
    day,
    ...clockParts(clock),
    dayOfYear: days - daysFromCivil(year, 1, 1) + 1,
    weekday: isoWeekday(days) % 7,
    isoYear,
    isoWeek: Math.floor((isoDayOfYear - 1) / 7) + 1,
    isoDayOfYear,
    julian: days + julianEpoch,
  };
}

export function partsOfInterval({ months, days, micros }: Interval): TimeParts {
  const year = Math.trunc(months / 12);
  const month = months % 12;
  const clock = clockParts(Number(micros));
  const dayOfYear = months * 30 + days;
  return {
    isInterval: true,
    year,
    month,
    day: days,
    ...clock,
    dayOfYear,
    weekday: 0,
    isoYear: year,
    isoWeek: 0,
    isoDayOfYear: 0,
    julian: 0,
  };
}

/** Parts of µs; those of a negative count are negative. */
function clockParts(micros: number): Pick<TimeParts, "hour" | "minute" | "second" | "micros"> {
  return {
    hour: Math.trunc(micros / 3_600_000_000),
    minute: Math.trunc(micros / 60_000_000) % 60,
    second: Math.trunc(micros / 1_000_000) % 60,
    micros: micros % 1_000_000,
  };
}
