import { SqlError } from "../../runtime/contract/errors.ts";
import { dateInfinity, day_us, daysFromCivil, timestampInfinity } from "../../runtime/contract/text-time.ts";
import type { Interval } from "../../runtime/contract/value.ts";

/** Reads the ISO forms of dates and times that drivers send as text parameters; other spellings are 22007. */

const unreadable = (type: string, text: string): SqlError =>
  new SqlError({ sqlState: "22007", message: `invalid input syntax for type ${type}: "${text}"` });

const outOfRange = (text: string): SqlError =>
  new SqlError({ sqlState: "22008", message: `date/time field value out of range: "${text}"` });

const datePattern = /^(\d{4,6})-(\d{1,2})-(\d{1,2})/;
const timePattern = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?/;
const zonePattern = /^\s*(?:(z|utc|gmt)|([+-])(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?)/i;

/** Days since 1970. */
export function parseDate(text: string): number {
  const trimmed = text.trim();
  if (/^\+?infinity$/i.test(trimmed)) return dateInfinity;
  if (/^-infinity$/i.test(trimmed)) return -dateInfinity;
  // The time of a time stamp sent for a date is dropped, as in Postgres.
  return datePart("date", trimmed, isBefore(trimmed)).days;
}

/** µs of the day. */
export function parseTime(text: string): bigint {
  const { micros, rest } = timePart("time", text.trim());
  if (rest.trim() !== "") throw unreadable("time", text);
  return BigInt(micros);
}

/** µs since 1970. A zone is applied for TIMESTAMPTZ (without one: UTC), and ignored for TIMESTAMP as in Postgres. */
export function parseTimestamp(text: string, zoned: boolean): bigint {
  const type = zoned ? "timestamp with time zone" : "timestamp";
  const trimmed = text.trim();
  if (/^\+?infinity$/i.test(trimmed)) return timestampInfinity;
  if (/^-infinity$/i.test(trimmed)) return -timestampInfinity;
  if (/^epoch$/i.test(trimmed)) return 0n;
  const before = isBefore(trimmed);
  const { days, rest } = datePart(type, trimmed, before);
  const clock = rest.replace(/\s*bc$/i, "");
  const time = clock.trim() === "" ? { micros: 0, rest: "" } : timePart(type, clock.replace(/^(?:t|\s+)/i, ""));
  const zone = zonePart(type, text, time.rest);
  return BigInt(days) * BigInt(day_us) + BigInt(time.micros - (zoned ? zone : 0));
}

const isBefore = (text: string): boolean => /\bbc$/i.test(text);

function datePart(type: string, text: string, before: boolean): { readonly days: number; readonly rest: string } {
  const match = datePattern.exec(text);
  if (match === null) throw unreadable(type, text);
  const [whole, yearText, monthText, dayText] = match;
  const [year, month, day] = [Number(yearText), Number(monthText), Number(dayText)];
  const astronomical = before ? 1 - year : year;
  const first = daysFromCivil(astronomical, month, 1);
  const length = daysFromCivil(month === 12 ? astronomical + 1 : astronomical, (month % 12) + 1, 1) - first;
  if (year === 0 || month < 1 || month > 12 || day < 1 || day > length) throw outOfRange(text);
  return { days: first + day - 1, rest: text.slice(whole.length) };
}

function timePart(type: string, text: string): { readonly micros: number; readonly rest: string } {
  const match = timePattern.exec(text);
  if (match === null) throw unreadable(type, text);
  const [whole, hours, minutes, seconds = "0", fraction = ""] = match;
  const micros = Math.round(Number(`0.${fraction || "0"}`) * 1_000_000);
  const total = (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000_000 + micros;
  if (Number(minutes) > 59 || Number(seconds) > 60 || total > day_us) throw outOfRange(text);
  return { micros: total, rest: text.slice(whole.length) };
}

/** µs east of UTC. */
function zonePart(type: string, text: string, rest: string): number {
  if (rest.trim() === "") return 0;
  const match = zonePattern.exec(rest);
  if (match === null || rest.slice(match[0].length).trim() !== "") throw unreadable(type, text);
  const [, , sign, hours = "0", minutes = "0", seconds = "0"] = match;
  const east = (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000_000;
  return sign === "-" ? -east : east;
}

const month_units: ReadonlyMap<string, number> = new Map([
  ["mon", 1],
  ["month", 1],
  ["quarter", 3],
  ["year", 12],
  ["yr", 12],
  ["y", 12],
  ["decade", 120],
  ["century", 1_200],
]);
const day_units: ReadonlyMap<string, number> = new Map([
  ["d", 1],
  ["day", 1],
  ["w", 7],
  ["week", 7],
]);
const micros_units: ReadonlyMap<string, number> = new Map([
  ["h", 3_600_000_000],
  ["hr", 3_600_000_000],
  ["hour", 3_600_000_000],
  ["m", 60_000_000],
  ["min", 60_000_000],
  ["minute", 60_000_000],
  ["s", 1_000_000],
  ["sec", 1_000_000],
  ["second", 1_000_000],
  ["ms", 1_000],
  ["millisecond", 1_000],
  ["us", 1],
  ["microsecond", 1],
]);

const clockPattern = /^([+-])?(\d+):(\d{2})(?::(\d{2}(?:\.\d+)?))?$/;
const quantityPattern = /([+-]?\d+(?:\.\d+)?)\s*([a-z]+)/gi;

/** `1 year -2 days 04:05:06`, `90 minutes ago`, and ISO 8601 `P1DT2H`. */
export function parseInterval(text: string): Interval {
  const trimmed = text.trim().toLowerCase();
  if (trimmed.startsWith("p")) return iso8601Interval(text, trimmed);
  const [, phrase = "", ago] = /^@?\s*(.*?)(\s+ago)?$/.exec(trimmed) ?? [];
  const body = /^[+-]?\d+(\.\d+)?$/.test(phrase) ? `${phrase} s` : phrase; // a bare number counts seconds
  const sum = new IntervalSum(text);
  const clockFree = body.replace(/[+-]?\d+:[\d:.]+$/, (clock) => sum.addClock(clock));
  const rest = clockFree.replace(quantityPattern, (_, count: string, unit: string) => sum.add(Number(count), unit));
  if (rest.trim() !== "" || body === "") throw unreadable("interval", text);
  return sum.total(ago === undefined ? 1 : -1);
}

function iso8601Interval(text: string, lower: string): Interval {
  const [, date = "", time = ""] = /^p([^t]*)(?:t(.+))?$/.exec(lower) ?? [];
  const sum = new IntervalSum(text);
  const dateRest = date.replace(quantityPattern, (_, count: string, unit: string) => sum.add(Number(count), unit === "m" ? "mon" : unit));
  const timeRest = time.replace(quantityPattern, (_, count: string, unit: string) => sum.add(Number(count), unit));
  if (dateRest + timeRest !== "" || date + time === "") throw unreadable("interval", text);
  return sum.total(1);
}

/** Adds up quantities; a fraction of a month spills into days and one of a day into µs, as in Postgres. */
class IntervalSum {
  private readonly text: string;
  private months = 0;
  private days = 0;
  private micros = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** Returns "" so that it can replace what it read. */
  add(count: number, unitText: string): string {
    const unit = unitText.length > 2 && unitText.endsWith("s") ? unitText.slice(0, -1) : unitText;
    const months = month_units.get(unit);
    const days = day_units.get(unit);
    const micros = micros_units.get(unit);
    if (months !== undefined) this.addMonths(count * months);
    else if (days !== undefined) this.addDays(count * days);
    else if (micros !== undefined) this.micros += Math.round(count * micros);
    else throw unreadable("interval", this.text);
    return "";
  }

  addClock(clock: string): string {
    const match = clockPattern.exec(clock);
    if (match === null) throw unreadable("interval", this.text);
    const [, sign, hours, minutes, seconds = "0"] = match;
    const micros = Math.round((Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000_000);
    this.micros += sign === "-" ? -micros : micros;
    return "";
  }

  total(sign: 1 | -1): Interval {
    const { months, days, micros } = this;
    if (Math.abs(months) > 2 ** 31 - 1 || Math.abs(days) > 2 ** 31 - 1 || !Number.isSafeInteger(micros)) {
      throw new SqlError({ sqlState: "22008", message: `interval field value out of range: "${this.text}"` });
    }
    // `|| 0` turns -0 into 0.
    return { months: months * sign || 0, days: days * sign || 0, micros: BigInt(micros * sign) };
  }

  private addMonths(count: number): void {
    const whole = Math.trunc(count);
    this.months += whole;
    this.addDays(Math.round((count - whole) * 30 * 1e9) / 1e9);
  }

  private addDays(count: number): void {
    const whole = Math.trunc(count);
    this.days += whole;
    this.micros += Math.round((count - whole) * day_us);
  }
}
