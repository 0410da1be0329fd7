import type { Batch, BytesColumn, Column, ListColumn } from "../contract/batch.ts";
import { assert } from "../contract/errors.ts";
import { copyStrings, stringBytes } from "./copy-strings.ts";
import { align8, frame_magic, framePadding_bytes, type FrameLayout, header_bytes, headerWord } from "./frame-layout.ts";

/** Bytes of a column of compact lists (compact-lists.ts), each array 8-aligned. */
function measureColumn(column: Column, rows: number): number {
  const validity = column.validity === null ? 0 : align8(rows);
  switch (column.phys) {
    case "u8":
      return validity + align8(rows);
    case "i32":
      return validity + align8(4 * rows);
    case "i64":
    case "f64":
      return validity + 8 * rows;
    case "i128":
      return validity + 16 * rows;
    case "interval":
      return validity + 2 * align8(4 * rows) + 8 * rows;
    case "bytes":
      return validity + align8(4 * (rows + 1)) + align8(stringBytes(column, rows));
    case "list":
      return validity + align8(4 * (rows + 1)) + measureColumn(column.child, column.childRows);
    case "struct":
      return column.fields.reduce((sum, field) => sum + measureColumn(field, rows), validity);
  }
}

export function measureFrame(layout: FrameLayout, batch: Batch): number {
  const weights = batch.weights === null ? 0 : align8(4 * batch.rows);
  return batch.columns.reduce(
    (sum, column) => sum + measureColumn(column, batch.rows),
    header_bytes(layout) + weights + framePadding_bytes,
  );
}

/** Writes one batch front to back; the slots of the header fill as the nodes are met in preorder. */
export class FrameWriter {
  private readonly buffer: ArrayBuffer;
  private readonly header: Int32Array;
  private readonly bytes: Uint8Array;
  private at: number;
  private node = 0;

  constructor(layout: FrameLayout, buffer: ArrayBuffer) {
    this.buffer = buffer;
    this.bytes = new Uint8Array(buffer);
    this.at = header_bytes(layout);
    this.header = new Int32Array(buffer, 0, this.at / 4);
  }

  write(layout: FrameLayout, batch: Batch): void {
    assert(batch.columns.length === layout.columns.length, "the batch has the columns of its schema");
    for (const column of batch.columns) this.column(column, batch.rows);
    assert(this.node === layout.nodes, "the batch has the nesting of its schema");
    if (batch.weights !== null) this.i32(batch.weights, batch.rows);
    const { header } = this;
    header[headerWord.magic] = frame_magic;
    header[headerWord.fingerprint] = layout.fingerprint;
    header[headerWord.rows] = batch.rows;
    header[headerWord.length_bytes] = this.at + framePadding_bytes;
    header[headerWord.weights] = batch.weights === null ? 0 : 1;
    header[headerWord.reserved] = 0;
  }

  private column(column: Column, rows: number): void {
    const slot = headerWord.nodes + 2 * this.node;
    this.node += 1;
    this.header[slot] = column.validity === null ? 0 : 1;
    this.header[slot + 1] = 0;
    if (column.validity !== null) this.u8(column.validity, rows);
    switch (column.phys) {
      case "u8":
        return this.u8(column.values, rows);
      case "i32":
        return this.i32(column.values, rows);
      case "i64":
        return this.i64(column.values, rows);
      case "f64":
        return this.f64(column.values, rows);
      case "i128":
        this.i64(column.lo, rows);
        return this.i64(column.hi, rows);
      case "interval":
        this.i64(column.micros, rows);
        this.i32(column.months, rows);
        return this.i32(column.days, rows);
      case "bytes":
        this.header[slot + 1] = this.strings(column, rows);
        return;
      case "list":
        this.header[slot + 1] = column.childRows;
        return this.list(column, rows);
      case "struct":
        for (const field of column.fields) this.column(field, rows);
        return;
    }
  }

  private u8(values: Uint8Array, rows: number): void {
    this.bytes.set(values.length === rows ? values : values.subarray(0, rows), this.at);
    this.at = align8(this.at + rows);
  }

  private i32(values: Int32Array, rows: number): void {
    new Int32Array(this.buffer, this.at, rows).set(values.length === rows ? values : values.subarray(0, rows));
    this.at = align8(this.at + 4 * rows);
  }

  private i64(values: BigInt64Array, rows: number): void {
    new BigInt64Array(this.buffer, this.at, rows).set(values.length === rows ? values : values.subarray(0, rows));
    this.at += 8 * rows;
  }

  private f64(values: Float64Array, rows: number): void {
    new Float64Array(this.buffer, this.at, rows).set(values.length === rows ? values : values.subarray(0, rows));
    this.at += 8 * rows;
  }

  /** rows + 1 offsets from 0, then the bytes; returns how many bytes there are. */
  private strings(column: BytesColumn, rows: number): number {
    const offsets = new Int32Array(this.buffer, this.at, rows + 1);
    this.at = align8(this.at + 4 * (rows + 1));
    const target = this.bytes.subarray(this.at);
    offsets[0] = 0;
    const length = copyStrings(column, rows, target, 0, offsets, 1);
    this.at = align8(this.at + length);
    return length;
  }

  /** The list is compact: value i ends where value i + 1 starts. */
  private list(column: ListColumn, rows: number): void {
    const offsets = new Int32Array(this.buffer, this.at, rows + 1);
    offsets[0] = 0;
    offsets.set(column.end.subarray(0, rows), 1);
    this.at = align8(this.at + 4 * (rows + 1));
    this.column(column.child, column.childRows);
  }
}
