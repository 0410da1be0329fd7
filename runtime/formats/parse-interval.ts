import type { Interval } from "../contract/value.ts";

const month_units: Readonly<Record<string, number>> = { month: 1, mon: 1, year: 12, yr: 12, y: 12, decade: 120, century: 1_200 };
const day_units: Readonly<Record<string, number>> = { day: 1, d: 1, week: 7, w: 7 };
const micro_units: Readonly<Record<string, number>> = {
  microsecond: 1,
  us: 1,
  millisecond: 1_000,
  ms: 1_000,
  second: 1_000_000,
  sec: 1_000_000,
  s: 1_000_000,
  minute: 60_000_000,
  min: 60_000_000,
  m: 60_000_000,
  hour: 3_600_000_000,
  h: 3_600_000_000,
};

const clock = String.raw`([+-]?)(\d+):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?`;
const part = new RegExp(String.raw`\s*(?:${clock}|([+-]?\d+)(?:\.(\d+))?\s*([a-z]+))\s*`, "giy");

/** `1 year 2 months 3 days 04:05:06.7`, `-3 days`, `1h 30 min`: DuckDB's and Postgres' forms. null when it is none. */
export function parseInterval(text: string): Interval | null {
  let months = 0;
  let days = 0;
  let micros = 0n;
  let at = 0;
  while (at < text.length) {
    part.lastIndex = at;
    const found = part.exec(text);
    if (found === null) return null;
    at = part.lastIndex;
    const [, sign, hours, minutes, seconds, fraction, count, decimals, word] = found;
    if (word === undefined) {
      const clock_us = clockOf(hours as string, minutes as string, seconds, fraction);
      micros += sign === "-" ? -clock_us : clock_us;
      continue;
    }
    const unit = word.toLowerCase().replace(/(?<=..)s$/, "");
    const whole = Number(count);
    if (unit in month_units && decimals === undefined) months += whole * (month_units[unit] as number);
    else if (unit in day_units && decimals === undefined) days += whole * (day_units[unit] as number);
    else if (unit in micro_units) micros += BigInt(Math.round(Number(`${count}.${decimals ?? "0"}`) * (micro_units[unit] as number)));
    else return null;
  }
  return text.trim() !== "" && isInt32(months) && isInt32(days) ? { months, days, micros } : null;
}

const clockOf = (hours: string, minutes: string, seconds = "0", fraction = "0"): bigint =>
  (BigInt(hours) * 3_600n + BigInt(minutes) * 60n + BigInt(seconds)) * 1_000_000n + BigInt(fraction.padEnd(6, "0"));

const isInt32 = (value: number): boolean => (value | 0) === value;
