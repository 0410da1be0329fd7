import type { Interval } from "./value.ts";

/** Postgres text of dates and times (DateStyle ISO, IntervalStyle postgres). Infinity is the largest value of the lane, as in DuckDB. */

export const dateInfinity = 2_147_483_647;
export const timestampInfinity = 9_223_372_036_854_775_807n;
export const day_us = 86_400_000_000;
const dayBig_us = 86_400_000_000n;

const two = (n: number): string => (n < 10 ? `0${n}` : String(n));

export interface CivilDate {
  /** Astronomical: 0 is 1 BC. */
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Days since 1970-01-01 to the proleptic Gregorian calendar (Howard Hinnant, "chrono-compatible low-level date algorithms"). */
export function civilFromDays(days: number): CivilDate {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1,
  };
}

export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468;
}

/** The date without its era: `2001-01-01`; `before` says that ` BC` belongs at the very end. */
function calendarText(days: number): { readonly text: string; readonly before: boolean } {
  const { year, month, day } = civilFromDays(days);
  const before = year <= 0;
  return { text: `${String(before ? 1 - year : year).padStart(4, "0")}-${two(month)}-${two(day)}`, before };
}

export function dateText(days: number): string {
  if (days === dateInfinity) return "infinity";
  if (days === -dateInfinity) return "-infinity";
  const { text, before } = calendarText(days);
  return before ? `${text} BC` : text;
}

/** `00:47:00`, `00:47:00.25`; for µs of a day, or of an interval's time part (hours may pass 24). */
export function timeText(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000);
  const fraction = micros - seconds * 1_000_000;
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return `${two(hours)}:${two(minutes - hours * 60)}:${two(seconds - minutes * 60)}${fraction === 0 ? "" : fractionText(fraction)}`;
}

const fractionText = (micros: number): string =>
  `.${String(1_000_000 + micros)
    .slice(1)
    .replace(/0+$/, "")}`;

/** Rows of one batch are mostly of one day: its text is kept. */
let lastDay = Number.NaN;
let lastCalendar = calendarText(0);

/** A time stamp as day and µs of that day; `zone` is `""` or `+00`. */
export function timestampTextOf(day: number, microsOfDay: number, zone: string): string {
  if (day !== lastDay) {
    lastCalendar = calendarText(day);
    lastDay = day;
  }
  return `${lastCalendar.text} ${timeText(microsOfDay)}${zone}${lastCalendar.before ? " BC" : ""}`;
}

/** The same for µs since 1970 that are exact as a double. */
export function timestampTextOfNumber(micros: number, zone: string): string {
  const day = Math.floor(micros / day_us);
  return timestampTextOf(day, micros - day * day_us, zone);
}

export function timestampText(micros: bigint, zone: string): string {
  if (micros === timestampInfinity) return "infinity";
  if (micros === -timestampInfinity) return "-infinity";
  const rest = ((micros % dayBig_us) + dayBig_us) % dayBig_us;
  return timestampTextOf(Number((micros - rest) / dayBig_us), Number(rest), zone);
}

/** `1 year 2 mons -3 days +04:05:06.7`: after a negative part Postgres signs a positive one. */
export function intervalText(value: Interval): string {
  const parts: string[] = [];
  let signed = false;
  const add = (count: number, unit: string): void => {
    if (count === 0) return;
    parts.push(`${signed && count > 0 ? "+" : ""}${count} ${unit}${count === 1 ? "" : "s"}`);
    signed = count < 0;
  };
  const years = Math.trunc(value.months / 12);
  add(years, "year");
  add(value.months - years * 12, "mon");
  add(value.days, "day");
  if (value.micros !== 0n || parts.length === 0) {
    const negative = value.micros < 0n;
    parts.push(`${negative ? "-" : signed ? "+" : ""}${clockText(negative ? -value.micros : value.micros)}`);
  }
  return parts.join(" ");
}

/** Hours of an interval may pass what a double of µs holds. */
function clockText(micros: bigint): string {
  const hours = micros / 3_600_000_000n;
  return `${String(hours).padStart(2, "0")}${timeText(Number(micros % 3_600_000_000n)).slice(2)}`;
}
