import { civilFromDays, daysFromCivil } from "../../contract/text-time.ts";
import { isoWeekday } from "./time-lanes.ts";

/** The specifiers of strftime and strptime that have a kernel; `%-d` is `%d` without its leading zero. */
export const months = "January February March April May June July August September October November December".split(" ");
const weekdays = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(" ");

/** A format as literals and specifiers, in order; null when it has a specifier without a kernel. */
export function parseFormat(format: string, specifiers: ReadonlySet<string>): readonly FormatPart[] | null {
  const parts: FormatPart[] = [];
  let literal = "";
  for (let i = 0; i < format.length; i++) {
    if (format[i] !== "%") {
      literal += format[i];
      continue;
    }
    const letters = format[i + 1] === "-" ? 2 : 1;
    const name = format.slice(i + 1, i + 1 + letters);
    i += letters;
    if (name === "%") literal += "%";
    else if (!specifiers.has(name)) return null;
    else {
      parts.push({ literal, specifier: name });
      literal = "";
    }
  }
  return [...parts, { literal, specifier: null }];
}

/** A literal, then what follows it; the last part has no specifier. */
export interface FormatPart {
  readonly literal: string;
  readonly specifier: string | null;
}

const two = (n: number): string => (n < 10 ? `0${n}` : String(n));
const hour12 = (hour: number): number => (hour % 12 === 0 ? 12 : hour % 12);
const yearOfCentury = (year: number): number => Math.abs(year) % 100;
const dayOfYear = (day: number, year: number): number => day - daysFromCivil(year, 1, 1) + 1;

/** The text of one specifier, of a day since 1970 and µs since midnight. */
const formats: Readonly<Record<string, (day: number, clock_us: number) => string>> = {
  Y: (day) => yearText(civilFromDays(day).year),
  y: (day) => two(yearOfCentury(civilFromDays(day).year)),
  "-y": (day) => String(yearOfCentury(civilFromDays(day).year)),
  m: (day) => two(civilFromDays(day).month),
  "-m": (day) => String(civilFromDays(day).month),
  d: (day) => two(civilFromDays(day).day),
  "-d": (day) => String(civilFromDays(day).day),
  j: (day) => String(dayOfYear(day, civilFromDays(day).year)).padStart(3, "0"),
  "-j": (day) => String(dayOfYear(day, civilFromDays(day).year)),
  a: (day) => (weekdays[isoWeekday(day) - 1] as string).slice(0, 3),
  A: (day) => weekdays[isoWeekday(day) - 1] as string,
  b: (day) => (months[civilFromDays(day).month - 1] as string).slice(0, 3),
  B: (day) => months[civilFromDays(day).month - 1] as string,
  w: (day) => String(isoWeekday(day) % 7),
  u: (day) => String(isoWeekday(day)),
  H: (_, clock) => two(hourOf(clock)),
  "-H": (_, clock) => String(hourOf(clock)),
  I: (_, clock) => two(hour12(hourOf(clock))),
  "-I": (_, clock) => String(hour12(hourOf(clock))),
  p: (_, clock) => (hourOf(clock) < 12 ? "AM" : "PM"),
  M: (_, clock) => two(Math.floor(clock / 60_000_000) % 60),
  "-M": (_, clock) => String(Math.floor(clock / 60_000_000) % 60),
  S: (_, clock) => two(Math.floor(clock / 1_000_000) % 60),
  "-S": (_, clock) => String(Math.floor(clock / 1_000_000) % 60),
  f: (_, clock) => String(clock % 1_000_000).padStart(6, "0"),
  g: (_, clock) => String(Math.floor(clock / 1_000) % 1_000).padStart(3, "0"),
};

const hourOf = (clock_us: number): number => Math.floor(clock_us / 3_600_000_000);

/** Four digits from the year 0 to 9999; others as they are. */
const yearText = (year: number): string => (year >= 0 && year <= 9_999 ? String(year).padStart(4, "0") : String(year));

const formatSpecifiers: ReadonlySet<string> = new Set(Object.keys(formats));

/** A function that writes times by the format; null for DuckDB. */
export function timeFormatter(format: string): ((day: number, clock_us: number) => string) | null {
  const parts = parseFormat(format, formatSpecifiers);
  if (parts === null) return null;
  const steps = parts.map((part) => ({ literal: part.literal, write: part.specifier === null ? null : formats[part.specifier] }));
  return (day, clock_us) => {
    let text = "";
    for (const step of steps) text += step.write ? step.literal + step.write(day, clock_us) : step.literal;
    return text;
  };
}
