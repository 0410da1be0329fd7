import type { Column, I64Column } from "../../runtime/contract/batch.ts";
import { SqlError } from "../../runtime/contract/errors.ts";
import { valueAt } from "../../runtime/contract/rows.ts";
import { formatText } from "../../runtime/contract/text.ts";
import { dateInfinity, timestampInfinity } from "../../runtime/contract/text-time.ts";
import type { SqlType } from "../../runtime/contract/types.ts";
import type { Interval, Value } from "../../runtime/contract/value.ts";
import { epoch_days, epoch_us } from "./epoch.ts";
import type { MessageWriter } from "./message-writer.ts";
import { writeNumeric } from "./numeric.ts";
import type { CellWriter } from "./cell.ts";
import { bytesCells } from "./text-cells.ts";
import { elementOidOf, innermost } from "./types.ts";

/** Binary cells of a column, in the forms of Postgres' send functions. */
export function binaryCells(writer: MessageWriter, type: SqlType, column: Column): CellWriter {
  const present = presentCells(writer, type, column);
  const validity = column.validity;
  if (validity === null) return present;
  return (row) => {
    if (validity[row] === 0) writer.i32(-1);
    else present(row);
  };
}

function presentCells(writer: MessageWriter, type: SqlType, column: Column): CellWriter {
  if (column.phys === "bytes" && type.id !== "uuid") return bytesCells(writer, column);
  if (column.phys === "f64" && type.id === "double") {
    const values = column.values;
    return (row) => {
      writer.i32(8).f64(values[row] as number);
    };
  }
  if (column.phys === "i64" && (type.id === "bigint" || type.id === "uinteger")) return int64Cells(writer, column);
  return (row) => writeValue(writer, type, valueAt(type, column, row) as Exclude<Value, null>);
}

function int64Cells(writer: MessageWriter, column: I64Column): CellWriter {
  const values = column.values;
  return (row) => {
    writer.i32(8).i64(values[row] as bigint);
  };
}

function writeValue(writer: MessageWriter, type: SqlType, value: Exclude<Value, null>): void {
  switch (type.id) {
    case "boolean":
      writer.i32(1).u8(value === true ? 1 : 0);
      return;
    case "tinyint":
    case "utinyint":
    case "smallint":
      writer.i32(2).i16(value as number);
      return;
    case "usmallint":
    case "integer":
      writer.i32(4).i32(value as number);
      return;
    case "bigint":
    case "uinteger":
    case "time":
      writer.i32(8).i64(value as bigint);
      return;
    case "hugeint":
    case "ubigint":
      writeNumeric(writer, value as bigint, 0);
      return;
    case "decimal":
      writeNumeric(writer, value as bigint, type.scale);
      return;
    case "real":
      writer.i32(4).f32(value as number);
      return;
    case "double":
      writer.i32(8).f64(value as number);
      return;
    case "date":
      writer.i32(4).i32(pgDate(value as number));
      return;
    case "timestamp":
    case "timestamptz":
      writer.i32(8).i64(pgTimestamp(value as bigint));
      return;
    case "interval":
      writeInterval(writer, value as Interval);
      return;
    case "uuid":
      writer.i32(16).raw(Buffer.from((value as string).replaceAll("-", ""), "hex"));
      return;
    case "blob":
      writer.i32((value as Uint8Array).length).raw(value as Uint8Array);
      return;
    case "list":
      writeArray(writer, type, value as readonly Value[]);
      return;
    case "varchar":
    case "json":
    case "struct":
    case "map":
      writer.text(formatText(type, value));
  }
}

function writeInterval(writer: MessageWriter, value: Interval): void {
  writer.i32(16).i64(value.micros).i32(value.days).i32(value.months);
}

/** Infinity is the end of the lane in Postgres, and one short of it below zero in DuckDB. */
function pgDate(days: number): number {
  if (days === dateInfinity) return dateInfinity;
  return days === -dateInfinity ? -dateInfinity - 1 : days - epoch_days;
}

function pgTimestamp(micros: bigint): bigint {
  if (micros === timestampInfinity) return micros;
  return micros === -timestampInfinity ? micros - 1n : micros - epoch_us;
}

/** array_send: dimensions, whether there is a NULL, element type, each dimension's length and lower bound, then the elements. */
function writeArray(writer: MessageWriter, type: SqlType, items: readonly Value[]): void {
  writer.reserve(4);
  const lengthAt = writer.at;
  writer.at += 4;
  const dimensions = dimensionsOf(type, items);
  const elements = flatten(items, dimensions.length);
  const element = innermost(type);
  writer
    .i32(dimensions.length)
    .i32(elements.includes(null) ? 1 : 0)
    .i32(elementOidOf(type));
  for (const length of dimensions) writer.i32(length).i32(1);
  for (const value of elements) {
    if (value === null) writer.i32(-1);
    else writeValue(writer, element, value);
  }
  writer.buffer.writeInt32BE(writer.at - lengthAt - 4, lengthAt);
}

function dimensionsOf(type: SqlType, items: readonly Value[]): readonly number[] {
  if (items.length === 0) return [];
  if (type.id !== "list" || type.element.id !== "list") return [items.length];
  const inner = items.map((item) => (item === null ? [] : dimensionsOf(type.element, item as readonly Value[])));
  const [first = []] = inner;
  if (first.length === 0 || inner.some((lengths) => String(lengths) !== String(first))) {
    throw new SqlError({
      sqlState: "0A000",
      message: "a list of lists of unequal length has no binary array form",
      hint: "Ask for the column in text format.",
    });
  }
  return [items.length, ...first];
}

const flatten = (items: readonly Value[], depth: number): readonly Value[] =>
  depth <= 1
    ? items
    : flatten(
        items.flatMap((item) => item as readonly Value[]),
        depth - 1,
      );
