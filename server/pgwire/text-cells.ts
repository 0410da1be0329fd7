import { type BytesColumn, type Column, words } from "../../runtime/contract/batch.ts";
import { columnText } from "../../runtime/contract/text.ts";
import type { SqlType } from "../../runtime/contract/types.ts";
import type { MessageWriter } from "./message-writer.ts";
import { timestampCells } from "./timestamp-cells.ts";
import { type CellWriter, writeLength } from "./cell.ts";

/** Text cells of a column; integers and strings go from the column's array into the buffer without a JavaScript string. */
export function textCells(writer: MessageWriter, type: SqlType, column: Column): CellWriter {
  const present = presentCells(writer, type, column);
  const validity = column.validity;
  if (validity === null) return present;
  return (row) => {
    if (validity[row] === 0) writer.i32(-1);
    else present(row);
  };
}

function presentCells(writer: MessageWriter, type: SqlType, column: Column): CellWriter {
  if (column.phys === "i32" && type.id !== "date") {
    const values = column.values;
    return (row) => writeDigits(writer, values[row] as number);
  }
  if (column.phys === "bytes" && type.id !== "blob") return bytesCells(writer, column);
  const general = generalCells(writer, type, column);
  if (column.phys !== "i64") return general;
  if (type.id === "timestamp" || type.id === "timestamptz") {
    return timestampCells(writer, column.values, type.id === "timestamp" ? "" : "+00", general);
  }
  return type.id === "bigint" || type.id === "uinteger" ? int64Cells(writer, column.values, general) : general;
}

function generalCells(writer: MessageWriter, type: SqlType, column: Column): CellWriter {
  const text = columnText(type, column);
  if (column.phys === "list" || column.phys === "struct") return (row) => writer.text(text(row) as string);
  return (row) => writeAscii(writer, text(row) as string);
}

/** Values of up to 53 bits are put together from their two words; larger ones are rare and take a BigInt. */
function int64Cells(writer: MessageWriter, values: BigInt64Array, general: CellWriter): CellWriter {
  const lanes = words(values);
  return (row) => {
    const high = lanes[2 * row + 1] as number;
    if (high >= -0x20_0000 && high < 0x20_0000) writeDigits(writer, high * 4_294_967_296 + ((lanes[2 * row] as number) >>> 0));
    else general(row);
  };
}

/** Short strings are copied by a loop: the call of `set` costs more than 40 bytes do. */
const loopCopy_bytes_max = 40;

export function bytesCells(writer: MessageWriter, column: BytesColumn): CellWriter {
  const { start, end, bytes } = column;
  return (row) => {
    const from = start[row] as number;
    const length = (end[row] as number) - from;
    writer.reserve(length + 4);
    const buffer = writer.buffer;
    const at = writeLength(buffer, writer.at, length);
    if (length > loopCopy_bytes_max) buffer.set(bytes.subarray(from, from + length), at);
    else for (let i = 0; i < length; i++) buffer[at + i] = bytes[from + i] as number;
    writer.at = at + length;
  };
}

function writeAscii(writer: MessageWriter, text: string): void {
  const length = text.length;
  writer.reserve(length + 4);
  const buffer = writer.buffer;
  const at = writeLength(buffer, writer.at, length);
  if (length > loopCopy_bytes_max) buffer.write(text, at, "latin1");
  else for (let i = 0; i < length; i++) buffer[at + i] = text.charCodeAt(i);
  writer.at = at + length;
}

/** A sign and up to 16 digits. */
const digits_max = 17;
const lowDigits = 1_000_000_000;

/** A whole number of at most 53 bits as decimal digits. */
function writeDigits(writer: MessageWriter, value: number): void {
  writer.reserve(digits_max + 4);
  const buffer = writer.buffer;
  const size = Math.abs(value);
  const negative = value < 0 ? 1 : 0;
  const count = digitCount(size);
  const at = writeLength(buffer, writer.at, count + negative);
  if (negative === 1) buffer[at] = 0x2d;
  const high = Math.floor(size / lowDigits);
  const end = at + negative + count;
  // Two 32-bit halves: V8 divides those by multiplication, doubles it does not.
  if (high > 0) {
    fillDigits(buffer, end, size - high * lowDigits, 9);
    fillDigits(buffer, end - 9, high, count - 9);
  } else fillDigits(buffer, end, size, count);
  writer.at = end;
}

function fillDigits(buffer: Buffer, end: number, value: number, count: number): void {
  let rest = value | 0;
  for (let i = 1; i <= count; i++) {
    const next = (rest / 10) | 0;
    buffer[end - i] = 48 + rest - next * 10;
    rest = next;
  }
}

function digitCount(size: number): number {
  let count = 1;
  for (let bound = 10; size >= bound; bound *= 10) count++;
  return count;
}
