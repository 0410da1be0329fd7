import { dateInfinity, daysFromCivil, timestampInfinity } from "../contract/text-time.ts";

/** Texts of dates and times; each function gives null for a text that is none. */

const date = String.raw`([+-]?\d{4,6})[-/](\d{1,2})[-/](\d{1,2})`;
const clock = String.raw`(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?`;
const zone = String.raw`(?:\s*(Z|UTC|[+-]\d{2}(?::?\d{2}(?::?\d{2})?)?))?`;
const era = String.raw`(?:\s*\(?(BC)\)?)?`;
const datePattern = new RegExp(`^\\s*${date}${era}\\s*$`, "i");
const timePattern = new RegExp(`^\\s*${clock}\\s*$`);
const timestampPattern = new RegExp(`^\\s*${date}(?:(?:[ T]\\s*)${clock}${zone})?${era}\\s*$`, "i");

const day_us = 86_400_000_000n;
const timestamp_us_max = timestampInfinity - 1n;

/** Days since 1970-01-01 of `2001-01-31`, `2001/1/31`, `infinity`. */
export function parseDate(text: string): number | null {
  const infinite = infinityOf(text);
  if (infinite !== 0) return infinite * dateInfinity;
  const found = datePattern.exec(text);
  return found === null ? null : daysOf(found[1], found[2], found[3], found[4] !== undefined);
}

/** µs since midnight of `04:05`, `04:05:06.789`. */
export function parseTime(text: string): bigint | null {
  const found = timePattern.exec(text);
  return found === null ? null : clockOf(found[1], found[2], found[3], found[4]);
}

/** µs since 1970 of `2001-01-31 04:05:06.789`, `2001-01-31T04:05:06`, `2001/01/31 04:05`, `2001-01-31`. A zone is taken into account: the result is UTC. */
export function parseTimestamp(text: string): bigint | null {
  const infinite = infinityOf(text);
  if (infinite !== 0) return BigInt(infinite) * timestampInfinity;
  const found = timestampPattern.exec(text);
  if (found === null) return null;
  const days = daysOf(found[1], found[2], found[3], found[9] !== undefined);
  const micros = found[4] === undefined ? 0n : clockOf(found[4], found[5], found[6], found[7]);
  const offset = offsetOf(found[8]);
  if (days === null || micros === null || offset === null) return null;
  const time = BigInt(days) * day_us + micros - offset;
  return time >= -timestamp_us_max && time <= timestamp_us_max ? time : null;
}

const infinityOf = (text: string): number => ({ infinity: 1, "+infinity": 1, "-infinity": -1 })[text.trim().toLowerCase()] ?? 0;

function daysOf(year = "", month = "", day = "", beforeChrist = false): number | null {
  const y = beforeChrist ? 1 - Number(year) : Number(year);
  const [m, d] = [Number(month), Number(day)];
  return m >= 1 && m <= 12 && d >= 1 && d <= daysInMonth(y, m) ? daysFromCivil(y, m, d) : null;
}

export const daysInMonth = (year: number, month: number): number =>
  month === 2
    ? year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
      ? 29
      : 28
    : month === 4 || month === 6 || month === 9 || month === 11
      ? 30
      : 31;

/** 24:00:00 is the end of a day. Digits beyond µs are cut off. */
function clockOf(hour = "", minute = "", second = "0", fraction = "0"): bigint | null {
  const [h, m, s] = [Number(hour), Number(minute), Number(second)];
  const micros = (h * 3_600 + m * 60 + s) * 1_000_000 + Number(fraction.padEnd(6, "0").slice(0, 6));
  return h <= 24 && m <= 59 && s <= 59 && micros <= 86_400_000_000 ? BigInt(micros) : null;
}

/** µs east of UTC. */
function offsetOf(zoneText: string | undefined): bigint | null {
  if (zoneText === undefined || /^(?:Z|UTC)$/i.test(zoneText)) return 0n;
  const digits = zoneText.slice(1).replaceAll(":", "");
  const [h, m, s] = [Number(digits.slice(0, 2)), Number(digits.slice(2, 4) || "0"), Number(digits.slice(4, 6) || "0")];
  if (h > 18 || m > 59 || s > 59) return null;
  const micros = BigInt((h * 3_600 + m * 60 + s) * 1_000_000);
  return zoneText.startsWith("-") ? -micros : micros;
}
