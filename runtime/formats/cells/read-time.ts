import { day_us, daysFromCivil } from "../../contract/text-time.ts";
import { daysInMonth } from "../parse-time.ts";

const zero = 0x30;
const dash = 0x2d;
const slash = 0x2f;
const colon = 0x3a;
const space = 0x20;
const letterT = 0x54;
const letterZ = 0x5a;
const point = 0x2e;

/** Rows that follow each other are mostly of one day. */
let lastDate = -1;
let lastDays = 0;

/** Two digits, or NaN. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = (bytes[at] as number) - zero;
  const ones = (bytes[at + 1] as number) - zero;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/** Days since 1970 of `YYYY-MM-DD` or `YYYY/MM/DD` at a place; NaN for anything else. */
function daysAt(bytes: Uint8Array, at: number): number {
  const mark = bytes[at + 4];
  if ((mark !== dash && mark !== slash) || bytes[at + 7] !== mark) return Number.NaN;
  const year = twoDigits(bytes, at) * 100 + twoDigits(bytes, at + 2);
  const month = twoDigits(bytes, at + 5);
  const day = twoDigits(bytes, at + 8);
  const date = (year * 16 + month) * 32 + day;
  if (date === lastDate) return lastDays;
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month))) return Number.NaN;
  lastDate = date;
  lastDays = daysFromCivil(year, month, day);
  return lastDays;
}

export const readDate = (bytes: Uint8Array, start: number, end: number): number => (end - start === 10 ? daysAt(bytes, start) : Number.NaN);

/** µs of `HH:MM`, `HH:MM:SS`, `HH:MM:SS.f` up to six digits; NaN for anything else. */
export function readTime(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 5 || bytes[start + 2] !== colon) return Number.NaN;
  const hour = twoDigits(bytes, start);
  const minute = twoDigits(bytes, start + 3);
  if (!(hour <= 23 && minute <= 59)) return Number.NaN;
  const minutes_us = (hour * 60 + minute) * 60_000_000;
  if (end - start === 5) return minutes_us;
  const second = twoDigits(bytes, start + 6);
  if (end - start < 8 || bytes[start + 5] !== colon || !(second <= 59)) return Number.NaN;
  return minutes_us + second * 1_000_000 + fractionAt(bytes, start + 8, end);
}

function fractionAt(bytes: Uint8Array, start: number, end: number): number {
  if (start === end) return 0;
  if (bytes[start] !== point || end - start > 7 || end - start < 2) return Number.NaN;
  let micros = 0;
  let unit = 100_000;
  for (let i = start + 1; i < end; i++, unit /= 10) {
    const digit = (bytes[i] as number) - zero;
    if (digit < 0 || digit > 9) return Number.NaN;
    micros += digit * unit;
  }
  return micros;
}

/** µs since 1970 of `YYYY-MM-DD`, then `T` or a space and a time, then `Z` or nothing; NaN for anything else, and beyond 2^53 µs (year 2255). */
export function readTimestamp(bytes: Uint8Array, start: number, end: number): number {
  if (end - start === 10) return exact(daysAt(bytes, start) * day_us);
  const mark = bytes[start + 10];
  if (end - start < 16 || (mark !== space && mark !== letterT)) return Number.NaN;
  const clockEnd = bytes[end - 1] === letterZ ? end - 1 : end;
  return exact(daysAt(bytes, start) * day_us + readTime(bytes, start + 11, clockEnd));
}

const exact = (micros: number): number => (Math.abs(micros) <= Number.MAX_SAFE_INTEGER ? micros : Number.NaN);
