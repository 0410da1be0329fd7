import {
  type DuckDBDataChunk,
  type DuckDBListType,
  type DuckDBMapType,
  type DuckDBStructType,
  type DuckDBType,
  DuckDBTypeId,
  STRUCT,
} from "@duckdb/node-api";
import duckdb from "@duckdb/node-bindings";
import type { Batch, Column, Validity } from "../contract/batch.ts";
import { columnOf } from "../contract/rows.ts";
import { varchar } from "../contract/types.ts";
import { readStrings } from "./read-strings.ts";

/** A DuckDB chunk as a batch. The driver copies every vector, so the batch owns its memory. */
export function readChunk(chunk: DuckDBDataChunk, types: readonly DuckDBType[]): Batch {
  const rows = chunk.rowCount;
  const columns = types.map((type, c) =>
    hasLayout(type) ? readVector(duckdb.data_chunk_get_vector(chunk.chunk, c), type, rows) : readAsText(chunk, c, rows),
  );
  return { rows, columns, weights: null };
}

/** Whether the type, down to its leaves, is one that fromDuckdbType maps to its own kind. */
function hasLayout(type: DuckDBType): boolean {
  switch (type.typeId) {
    case DuckDBTypeId.LIST:
      return hasLayout((type as DuckDBListType).valueType);
    case DuckDBTypeId.STRUCT:
      return (type as DuckDBStructType).entryTypes.every(hasLayout);
    case DuckDBTypeId.MAP:
      return hasLayout((type as DuckDBMapType).keyType) && hasLayout((type as DuckDBMapType).valueType);
    default:
      return type.typeId in readers || type.typeId === DuckDBTypeId.DECIMAL;
  }
}

function readAsText(chunk: DuckDBDataChunk, column: number, rows: number): Column {
  const vector = chunk.getColumnVector(column);
  const texts = Array.from({ length: rows }, (_, i) => {
    const item = vector.getItem(i);
    return item === null ? null : String(item);
  });
  return columnOf(varchar, texts);
}

type Reader = (vector: duckdb.Vector, rows: number, validity: Validity) => Column;

function bytesOf(vector: duckdb.Vector, bytes: number): ArrayBuffer {
  const data = duckdb.vector_get_data(vector, bytes);
  return data.byteOffset % 8 === 0 && data.buffer instanceof ArrayBuffer
    ? data.byteOffset === 0
      ? data.buffer
      : data.slice().buffer
    : data.slice().buffer;
}

const i64 = (vector: duckdb.Vector, rows: number, validity: Validity): Column => ({
  phys: "i64",
  values: new BigInt64Array(bytesOf(vector, rows * 8), 0, rows),
  validity,
});
const i32 = (vector: duckdb.Vector, rows: number, validity: Validity): Column => ({
  phys: "i32",
  values: new Int32Array(bytesOf(vector, rows * 4), 0, rows),
  validity,
});

function i128(vector: duckdb.Vector, rows: number, validity: Validity): Column {
  const both = new BigInt64Array(bytesOf(vector, rows * 16), 0, rows * 2);
  const lo = new BigInt64Array(rows);
  const hi = new BigInt64Array(rows);
  for (let i = 0; i < rows; i++) {
    lo[i] = both[2 * i] as bigint;
    hi[i] = both[2 * i + 1] as bigint;
  }
  return { phys: "i128", lo, hi, validity };
}

function widened(values: ArrayLike<number>, validity: Validity): Column {
  return { phys: "i32", values: Int32Array.from(values), validity };
}

function uuid(vector: duckdb.Vector, rows: number, validity: Validity): Column {
  const both = new BigInt64Array(bytesOf(vector, rows * 16), 0, rows * 2);
  const texts = Array.from({ length: rows }, (_, i) => {
    if (validity !== null && validity[i] === 0) return null;
    const hi = BigInt.asUintN(64, (both[2 * i + 1] as bigint) ^ (1n << 63n)); // stored with the top bit flipped, to sort as text does
    const hex = ((hi << 64n) | BigInt.asUintN(64, both[2 * i] as bigint)).toString(16).padStart(32, "0");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  });
  return columnOf({ id: "uuid" }, texts);
}

function interval(vector: duckdb.Vector, rows: number, validity: Validity): Column {
  const buffer = bytesOf(vector, rows * 16);
  const parts = new Int32Array(buffer, 0, rows * 4);
  const longs = new BigInt64Array(buffer, 0, rows * 2);
  const months = new Int32Array(rows);
  const days = new Int32Array(rows);
  const micros = new BigInt64Array(rows);
  for (let i = 0; i < rows; i++) {
    months[i] = parts[4 * i] as number;
    days[i] = parts[4 * i + 1] as number;
    micros[i] = longs[2 * i + 1] as bigint;
  }
  return { phys: "interval", months, days, micros, validity };
}

const readers: Readonly<Partial<Record<DuckDBTypeId, Reader>>> = {
  [DuckDBTypeId.BOOLEAN]: (v, n, validity) => ({ phys: "u8", values: new Uint8Array(bytesOf(v, n), 0, n), validity }),
  [DuckDBTypeId.TINYINT]: (v, n, validity) => widened(new Int8Array(bytesOf(v, n), 0, n), validity),
  [DuckDBTypeId.UTINYINT]: (v, n, validity) => widened(new Uint8Array(bytesOf(v, n), 0, n), validity),
  [DuckDBTypeId.SMALLINT]: (v, n, validity) => widened(new Int16Array(bytesOf(v, n * 2), 0, n), validity),
  [DuckDBTypeId.USMALLINT]: (v, n, validity) => widened(new Uint16Array(bytesOf(v, n * 2), 0, n), validity),
  [DuckDBTypeId.INTEGER]: i32,
  [DuckDBTypeId.DATE]: i32,
  [DuckDBTypeId.UINTEGER]: (v, n, validity) => ({
    phys: "i64",
    values: BigInt64Array.from(new Uint32Array(bytesOf(v, n * 4), 0, n), BigInt),
    validity,
  }),
  [DuckDBTypeId.BIGINT]: i64,
  [DuckDBTypeId.TIME]: i64,
  [DuckDBTypeId.TIMESTAMP]: i64,
  [DuckDBTypeId.TIMESTAMP_TZ]: i64,
  [DuckDBTypeId.UBIGINT]: (v, n, validity) => ({
    phys: "i128",
    lo: new BigInt64Array(bytesOf(v, n * 8), 0, n),
    hi: new BigInt64Array(n),
    validity,
  }),
  [DuckDBTypeId.HUGEINT]: i128,
  [DuckDBTypeId.FLOAT]: (v, n, validity) => ({
    phys: "f64",
    values: Float64Array.from(new Float32Array(bytesOf(v, n * 4), 0, n)),
    validity,
  }),
  [DuckDBTypeId.DOUBLE]: (v, n, validity) => ({ phys: "f64", values: new Float64Array(bytesOf(v, n * 8), 0, n), validity }),
  [DuckDBTypeId.VARCHAR]: readStrings,
  [DuckDBTypeId.BLOB]: readStrings,
  [DuckDBTypeId.UUID]: uuid,
  [DuckDBTypeId.INTERVAL]: interval,
};

function decimal(vector: duckdb.Vector, width: number, rows: number, validity: Validity): Column {
  if (width > 18) return i128(vector, rows, validity);
  if (width > 9) return i64(vector, rows, validity);
  const small = width > 4 ? new Int32Array(bytesOf(vector, rows * 4), 0, rows) : new Int16Array(bytesOf(vector, rows * 2), 0, rows);
  return { phys: "i64", values: BigInt64Array.from(small, BigInt), validity };
}

function readVector(vector: duckdb.Vector, type: DuckDBType, rows: number): Column {
  const validity = readValidity(vector, rows);
  switch (type.typeId) {
    case DuckDBTypeId.DECIMAL:
      return decimal(vector, (type as unknown as { width: number }).width, rows, validity);
    case DuckDBTypeId.LIST:
      return list(vector, (type as DuckDBListType).valueType, rows, validity);
    case DuckDBTypeId.MAP: {
      const map = type as DuckDBMapType;
      return list(vector, STRUCT({ key: map.keyType, value: map.valueType }), rows, validity);
    }
    case DuckDBTypeId.STRUCT:
      return {
        phys: "struct",
        fields: (type as DuckDBStructType).entryTypes.map((t, k) => readVector(duckdb.struct_vector_get_child(vector, k), t, rows)),
        validity,
      };
    default:
      return (readers[type.typeId] as Reader)(vector, rows, validity);
  }
}

function list(vector: duckdb.Vector, element: DuckDBType, rows: number, validity: Validity): Column {
  const entries = new BigInt64Array(bytesOf(vector, rows * 16), 0, rows * 2);
  const start = new Int32Array(rows);
  const end = new Int32Array(rows);
  for (let i = 0; i < rows; i++) {
    if (validity !== null && validity[i] === 0) continue;
    start[i] = Number(entries[2 * i]);
    end[i] = (start[i] as number) + Number(entries[2 * i + 1]);
  }
  const childRows = duckdb.list_vector_get_size(vector);
  return { phys: "list", start, end, child: readVector(duckdb.list_vector_get_child(vector), element, childRows), childRows, validity };
}

/** One byte per row from DuckDB's bit mask; null when all rows are valid. */
function readValidity(vector: duckdb.Vector, rows: number): Validity {
  const mask = duckdb.vector_get_validity(vector, Math.ceil(rows / 64) * 8) as Uint8Array | null;
  if (mask === null || mask.length === 0) return null;
  const validity = new Uint8Array(rows);
  let invalid = 0;
  for (let i = 0; i < rows; i++) {
    const valid = ((mask[i >> 3] as number) >> (i & 7)) & 1;
    validity[i] = valid;
    invalid += 1 - valid;
  }
  return invalid === 0 ? null : validity;
}
