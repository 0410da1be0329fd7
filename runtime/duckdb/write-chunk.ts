import {
  type DuckDBDecimalType,
  type DuckDBListType,
  type DuckDBMapType,
  type DuckDBStructType,
  type DuckDBType,
  DuckDBTypeId,
  STRUCT,
} from "@duckdb/node-api";
import duckdb from "@duckdb/node-bindings";
import type { BytesColumn, Column, I128Column, IntervalColumn, ListColumn, Validity } from "../contract/batch.ts";
import { assert } from "../contract/errors.ts";

/** Writes rows [from, from + rows) of a column into a vector of the given DuckDB type, whose chunk was reset and sized. */
export function writeVector(vector: duckdb.Vector, type: DuckDBType, column: Column, from: number, rows: number): void {
  writeValidity(vector, column.validity, from, rows);
  switch (column.phys) {
    case "u8":
      return copy(vector, column.values, from, rows);
    case "i32":
      return copy(vector, narrowed(type, column.values, from, rows), 0, rows);
    case "i64":
      return writeI64(vector, type, column.values, from, rows);
    case "i128":
      return writeI128(vector, type, column, from, rows);
    case "f64":
      return type.typeId === DuckDBTypeId.FLOAT
        ? copy(vector, Float32Array.from(column.values.subarray(from, from + rows)), 0, rows)
        : copy(vector, column.values, from, rows);
    case "bytes":
      return type.typeId === DuckDBTypeId.UUID ? writeUuid(vector, column, from, rows) : writeStrings(vector, column, from, rows);
    case "interval":
      return writeInterval(vector, column, from, rows);
    case "list":
      return writeList(vector, type, column, from, rows);
    case "struct":
      return column.fields.forEach((field, k) =>
        writeVector(duckdb.struct_vector_get_child(vector, k), (type as DuckDBStructType).entryTypes[k] as DuckDBType, field, from, rows),
      );
  }
}

type Numbers = Uint8Array | Int8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | Float32Array | Float64Array | BigInt64Array;

function copy(vector: duckdb.Vector, values: Numbers, from: number, rows: number): void {
  assert(values.length >= from + rows, "a column has at least as many values as its batch has rows");
  const width = values.BYTES_PER_ELEMENT;
  duckdb.copy_data_to_vector(vector, 0, values.buffer as ArrayBuffer, values.byteOffset + from * width, rows * width);
}

function narrowed(type: DuckDBType, values: Int32Array, from: number, rows: number): Numbers {
  const part = values.subarray(from, from + rows);
  switch (type.typeId) {
    case DuckDBTypeId.TINYINT:
      return Int8Array.from(part);
    case DuckDBTypeId.UTINYINT:
      return Uint8Array.from(part);
    case DuckDBTypeId.SMALLINT:
      return Int16Array.from(part);
    case DuckDBTypeId.USMALLINT:
      return Uint16Array.from(part);
    default:
      return part;
  }
}

function writeI64(vector: duckdb.Vector, type: DuckDBType, values: BigInt64Array, from: number, rows: number): void {
  const part = values.subarray(from, from + rows);
  if (type.typeId === DuckDBTypeId.UINTEGER) return copy(vector, Uint32Array.from(part, Number), 0, rows);
  if (type.typeId === DuckDBTypeId.DECIMAL && (type as DuckDBDecimalType).width <= 4)
    return copy(vector, Int16Array.from(part, Number), 0, rows);
  if (type.typeId === DuckDBTypeId.DECIMAL && (type as DuckDBDecimalType).width <= 9)
    return copy(vector, Int32Array.from(part, Number), 0, rows);
  copy(vector, values, from, rows);
}

function writeI128(vector: duckdb.Vector, type: DuckDBType, column: I128Column, from: number, rows: number): void {
  if (type.typeId === DuckDBTypeId.UBIGINT) return copy(vector, column.lo, from, rows);
  const both = new BigInt64Array(rows * 2);
  for (let i = 0; i < rows; i++) {
    both[2 * i] = column.lo[from + i] as bigint;
    both[2 * i + 1] = column.hi[from + i] as bigint;
  }
  copy(vector, both, 0, rows * 2);
}

const inline_bytes_max = 12;

/** Strings of up to 12 bytes go as raw string_t records in one copy; longer ones cost a native call each. */
function writeStrings(vector: duckdb.Vector, column: BytesColumn, from: number, rows: number): void {
  const records = new Uint8Array(rows * 16);
  const lengths = new Int32Array(records.buffer);
  const long: number[] = [];
  for (let i = 0; i < rows; i++) {
    if (column.validity !== null && column.validity[from + i] === 0) continue;
    const start = column.start[from + i] as number;
    const length = (column.end[from + i] as number) - start;
    if (length > inline_bytes_max) {
      long.push(i);
      continue;
    }
    lengths[4 * i] = length;
    for (let k = 0; k < length; k++) records[16 * i + 4 + k] = column.bytes[start + k] as number;
  }
  duckdb.copy_data_to_vector(vector, 0, records.buffer, 0, records.length);
  for (const i of long) {
    duckdb.vector_assign_string_element_len(vector, i, column.bytes.subarray(column.start[from + i], column.end[from + i]));
  }
}

const decoder = new TextDecoder();

function writeUuid(vector: duckdb.Vector, column: BytesColumn, from: number, rows: number): void {
  const both = new BigInt64Array(rows * 2);
  for (let i = 0; i < rows; i++) {
    if (column.validity !== null && column.validity[from + i] === 0) continue;
    const text = decoder.decode(column.bytes.subarray(column.start[from + i], column.end[from + i]));
    const value = BigInt(`0x${text.replaceAll("-", "")}`);
    both[2 * i] = BigInt.asIntN(64, value);
    both[2 * i + 1] = BigInt.asIntN(64, (value >> 64n) ^ (1n << 63n));
  }
  copy(vector, both, 0, rows * 2);
}

function writeInterval(vector: duckdb.Vector, column: IntervalColumn, from: number, rows: number): void {
  const both = new BigInt64Array(rows * 2);
  const parts = new Int32Array(both.buffer);
  for (let i = 0; i < rows; i++) {
    parts[4 * i] = column.months[from + i] as number;
    parts[4 * i + 1] = column.days[from + i] as number;
    both[2 * i + 1] = column.micros[from + i] as bigint;
  }
  copy(vector, both, 0, rows * 2);
}

function writeList(vector: duckdb.Vector, type: DuckDBType, column: ListColumn, from: number, rows: number): void {
  const element =
    type.typeId === DuckDBTypeId.MAP
      ? STRUCT({ key: (type as DuckDBMapType).keyType, value: (type as DuckDBMapType).valueType })
      : (type as DuckDBListType).valueType;
  const live = (i: number): boolean => column.validity === null || column.validity[i] === 1;
  let first = column.childRows;
  let last = 0;
  for (let i = from; i < from + rows; i++) {
    if (!live(i)) continue;
    first = Math.min(first, column.start[i] as number);
    last = Math.max(last, column.end[i] as number);
  }
  const childRows = Math.max(0, last - first);
  const entries = new BigInt64Array(rows * 2);
  for (let i = 0; i < rows; i++) {
    if (!live(from + i)) continue;
    entries[2 * i] = BigInt((column.start[from + i] as number) - first);
    entries[2 * i + 1] = BigInt((column.end[from + i] as number) - (column.start[from + i] as number));
  }
  copy(vector, entries, 0, rows * 2);
  duckdb.list_vector_reserve(vector, childRows);
  duckdb.list_vector_set_size(vector, childRows);
  if (childRows > 0) writeVector(duckdb.list_vector_get_child(vector), element, column.child, first, childRows);
}

function writeValidity(vector: duckdb.Vector, validity: Validity, from: number, rows: number): void {
  if (validity === null) return;
  const mask = new Uint8Array(Math.ceil(rows / 64) * 8).fill(255);
  let invalid = 0;
  for (let i = 0; i < rows; i++) {
    if (validity[from + i] !== 0) continue;
    mask[i >> 3] = (mask[i >> 3] as number) & ~(1 << (i & 7));
    invalid++;
  }
  if (invalid === 0) return;
  duckdb.vector_ensure_validity_writable(vector);
  duckdb.copy_data_to_vector_validity(vector, 0, mask.buffer, 0, mask.length);
}
