import type { Batch, Column } from "./batch.ts";
import { mapEntry, physicalOf, type Schema, type SqlType } from "./types.ts";
import { type Interval, isInterval, type Value } from "./value.ts";

/** Batches from and to rows of values: for tests, literals, small results. Hot paths work on the arrays. */
export function batchOf(schema: Schema, rows: readonly (readonly Value[])[], weights: readonly number[] | null = null): Batch {
  return {
    rows: rows.length,
    columns: schema.columns.map((field, c) =>
      columnOf(
        field.type,
        rows.map((row) => row[c] ?? null),
      ),
    ),
    weights: weights === null ? null : Int32Array.from(weights),
  };
}

export function rowsOf(schema: Schema, batch: Batch): Value[][] {
  return Array.from({ length: batch.rows }, (_, i) => schema.columns.map((field, c) => valueAt(field.type, batch.columns[c] as Column, i)));
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** One column from values; see value.ts for their forms. */
export function columnOf(type: SqlType, values: readonly Value[]): Column {
  const n = values.length;
  const validity = values.includes(null) ? Uint8Array.from(values, (v) => (v === null ? 0 : 1)) : null;
  switch (physicalOf(type)) {
    case "u8":
      return { phys: "u8", values: Uint8Array.from(values, (v) => (v === true ? 1 : 0)), validity };
    case "i32":
      return { phys: "i32", values: Int32Array.from(values, (v) => Number(v ?? 0)), validity };
    case "i64":
      return { phys: "i64", values: BigInt64Array.from(values, (v) => toBigInt(v)), validity };
    case "i128":
      return {
        phys: "i128",
        lo: BigInt64Array.from(values, (v) => BigInt.asIntN(64, toBigInt(v))),
        hi: BigInt64Array.from(values, (v) => BigInt.asIntN(64, toBigInt(v) >> 64n)),
        validity,
      };
    case "f64":
      return { phys: "f64", values: Float64Array.from(values, (v) => Number(v ?? 0)), validity };
    case "bytes":
      return bytesColumn(values, validity);
    case "interval": {
      const zero: Interval = { months: 0, days: 0, micros: 0n };
      const parts = values.map((v) => (v !== null && isInterval(v) ? v : zero));
      return {
        phys: "interval",
        months: Int32Array.from(parts, (p) => p.months),
        days: Int32Array.from(parts, (p) => p.days),
        micros: BigInt64Array.from(parts, (p) => p.micros),
        validity,
      };
    }
    case "list": {
      const start = new Int32Array(n);
      const end = new Int32Array(n);
      const items: Value[] = [];
      values.forEach((v, i) => {
        start[i] = items.length;
        if (v !== null) items.push(...(v as readonly Value[]));
        end[i] = items.length;
      });
      return { phys: "list", start, end, child: columnOf(elementOf(type), items), childRows: items.length, validity };
    }
    case "struct":
      return {
        phys: "struct",
        fields: fieldsOf(type).map((f, k) =>
          columnOf(
            f.type,
            values.map((v) => (v === null ? null : ((v as readonly Value[])[k] ?? null))),
          ),
        ),
        validity,
      };
  }
}

export function valueAt(type: SqlType, column: Column, row: number): Value {
  if (column.validity !== null && column.validity[row] === 0) return null;
  switch (column.phys) {
    case "u8":
      return column.values[row] === 1;
    case "i32":
    case "f64":
    case "i64":
      return column.values[row] as number | bigint;
    case "i128":
      return ((column.hi[row] as bigint) << 64n) + BigInt.asUintN(64, column.lo[row] as bigint);
    case "bytes": {
      const bytes = column.bytes.subarray(column.start[row], column.end[row]);
      return type.id === "blob" ? bytes.slice() : decoder.decode(bytes);
    }
    case "interval":
      return { months: column.months[row] as number, days: column.days[row] as number, micros: column.micros[row] as bigint };
    case "list": {
      const element = elementOf(type);
      const start = column.start[row] as number;
      return Array.from({ length: (column.end[row] as number) - start }, (_, i) => valueAt(element, column.child, start + i));
    }
    case "struct":
      return fieldsOf(type).map((f, k) => valueAt(f.type, column.fields[k] as Column, row));
  }
}

export function elementOf(type: SqlType): SqlType {
  if (type.id === "list") return type.element;
  if (type.id === "map") return mapEntry(type);
  throw new Error(`invariant: ${type.id} has no elements`);
}

function fieldsOf(type: SqlType): readonly { readonly name: string; readonly type: SqlType }[] {
  if (type.id === "struct") return type.fields;
  throw new Error(`invariant: ${type.id} has no fields`);
}

const toBigInt = (v: Value): bigint => (typeof v === "bigint" ? v : typeof v === "number" ? BigInt(v) : 0n);

function bytesColumn(values: readonly Value[], validity: Uint8Array | null): Column {
  const parts = values.map((v) => (v instanceof Uint8Array ? v : encoder.encode(v === null ? "" : String(v as string))));
  const total = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(total + 16); // kernels copy 16 bytes at a time
  const start = new Int32Array(parts.length);
  const end = new Int32Array(parts.length);
  let at = 0;
  parts.forEach((part, i) => {
    bytes.set(part, at);
    start[i] = at;
    at += part.length;
    end[i] = at;
  });
  return { phys: "bytes", start, end, bytes, validity };
}
