import { words } from "../../runtime/contract/batch.ts";
import { day_us, timestampTextOf } from "../../runtime/contract/text-time.ts";
import { type CellWriter, writeLength } from "./cell.ts";
import type { MessageWriter } from "./message-writer.ts";

/** `2001-01-01 ` and `00:47:00`. */
const date_bytes = 11;
const clock_bytes = 8;

/**
 * Text cells of time stamps: the date of the row before is kept as bytes, for rows of one batch are mostly of one day,
 * and the time's digits are written in place. Far years and infinity are left to `general`.
 */
export function timestampCells(writer: MessageWriter, values: BigInt64Array, zone: "" | "+00", general: CellWriter): CellWriter {
  const lanes = words(values);
  const date = Buffer.alloc(date_bytes);
  let lastDay = Number.NaN;
  return (row) => {
    const high = lanes[2 * row + 1] as number;
    // 2^53 µs reach from 1684 to 2255: exact as a double, and years of four digits.
    if (high < -0x20_0000 || high >= 0x20_0000) return general(row);
    const micros = high * 4_294_967_296 + ((lanes[2 * row] as number) >>> 0);
    const day = Math.floor(micros / day_us);
    if (day !== lastDay) {
      date.write(timestampTextOf(day, 0, ""), "latin1");
      lastDay = day;
    }
    writeTimestamp(writer, date, micros - day * day_us, zone);
  };
}

function writeTimestamp(writer: MessageWriter, date: Buffer, microsOfDay: number, zone: "" | "+00"): void {
  const seconds = Math.floor(microsOfDay / 1_000_000);
  const fraction = microsOfDay - seconds * 1_000_000;
  const fraction_bytes = fraction === 0 ? 0 : fractionLength(fraction);
  const length = date_bytes + clock_bytes + fraction_bytes + zone.length;
  writer.reserve(length + 4);
  const buffer = writer.buffer;
  let at = writeLength(buffer, writer.at, length);
  for (let i = 0; i < date_bytes; i++) buffer[at + i] = date[i] as number;
  at = writeClock(buffer, at + date_bytes, seconds);
  if (fraction_bytes > 0) writeFraction(buffer, at, fraction, fraction_bytes);
  at += fraction_bytes;
  for (let i = 0; i < zone.length; i++) buffer[at + i] = zone.charCodeAt(i);
  writer.at = at + zone.length;
}

function writeClock(buffer: Buffer, at: number, secondsOfDay: number): number {
  const seconds = secondsOfDay | 0;
  const minutes = (seconds / 60) | 0;
  const hours = (minutes / 60) | 0;
  writeTwo(buffer, at, hours);
  buffer[at + 2] = 0x3a;
  writeTwo(buffer, at + 3, minutes - hours * 60);
  buffer[at + 5] = 0x3a;
  writeTwo(buffer, at + 6, seconds - minutes * 60);
  return at + clock_bytes;
}

function writeTwo(buffer: Buffer, at: number, value: number): void {
  const tens = (value / 10) | 0;
  buffer[at] = 48 + tens;
  buffer[at + 1] = 48 + value - tens * 10;
}

/** The point and up to six digits, without zeros at the end. */
function fractionLength(micros: number): number {
  let rest = micros | 0;
  let length = 7;
  while (rest % 10 === 0) {
    rest = (rest / 10) | 0;
    length--;
  }
  return length;
}

function writeFraction(buffer: Buffer, at: number, micros: number, length: number): void {
  buffer[at] = 0x2e;
  let unit = 100_000;
  let rest = micros | 0;
  for (let i = 1; i < length; i++) {
    const digit = (rest / unit) | 0;
    buffer[at + i] = 48 + digit;
    rest -= digit * unit;
    unit = (unit / 10) | 0;
  }
}
