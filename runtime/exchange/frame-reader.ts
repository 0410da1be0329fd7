import type { Batch, Column, Validity } from "../contract/batch.ts";
import { TaskFailure } from "../contract/errors.ts";
import { align8, frame_magic, type FrameLayout, header_bytes, headerWord, type LayoutNode } from "./frame-layout.ts";

/** Reads a frame front to back; every array is a view into the buffer. */
export class FrameReader {
  private readonly layout: FrameLayout;
  private readonly buffer: ArrayBuffer;
  private readonly header: Int32Array;
  private at: number;
  private node = 0;

  constructor(layout: FrameLayout, buffer: ArrayBuffer) {
    this.layout = layout;
    this.buffer = buffer;
    this.at = header_bytes(layout);
    if (buffer.byteLength < this.at) throw corrupt("it is shorter than its header");
    this.header = new Int32Array(buffer, 0, this.at / 4);
    if (this.word(headerWord.magic) !== frame_magic) throw corrupt("it is not a frame of this version");
    if (this.word(headerWord.fingerprint) !== layout.fingerprint) throw corrupt("its columns are not those of the schema");
    if (this.word(headerWord.length_bytes) > buffer.byteLength) throw corrupt("it was cut off");
  }

  read(): Batch {
    const rows = this.word(headerWord.rows);
    const columns = this.layout.columns.map((node) => this.column(node, rows));
    const weights = this.word(headerWord.weights) === 1 ? this.i32(rows) : null;
    return { rows, columns, weights };
  }

  private word(index: number): number {
    return this.header[index] as number;
  }

  private column(node: LayoutNode, rows: number): Column {
    const slot = headerWord.nodes + 2 * this.node;
    this.node += 1;
    const validity: Validity = this.word(slot) === 1 ? this.u8(rows) : null;
    switch (node.phys) {
      case "u8":
        return { phys: "u8", values: this.u8(rows), validity };
      case "i32":
        return { phys: "i32", values: this.i32(rows), validity };
      case "i64":
        return { phys: "i64", values: this.i64(rows), validity };
      case "f64":
        return { phys: "f64", values: this.f64(rows), validity };
      case "i128":
        return { phys: "i128", lo: this.i64(rows), hi: this.i64(rows), validity };
      case "interval":
        return { phys: "interval", micros: this.i64(rows), months: this.i32(rows), days: this.i32(rows), validity };
      case "bytes": {
        const offsets = this.i32(rows + 1);
        const bytes = this.u8(this.word(slot + 1));
        return { phys: "bytes", start: offsets.subarray(0, rows), end: offsets.subarray(1), bytes, validity };
      }
      case "list": {
        const offsets = this.i32(rows + 1);
        const childRows = this.word(slot + 1);
        const child = this.column(node.children[0] as LayoutNode, childRows);
        return { phys: "list", start: offsets.subarray(0, rows), end: offsets.subarray(1), child, childRows, validity };
      }
      case "struct":
        return { phys: "struct", fields: node.children.map((child) => this.column(child, rows)), validity };
    }
  }

  private u8(length: number): Uint8Array {
    const view = new Uint8Array(this.buffer, this.at, length);
    this.at = align8(this.at + length);
    return view;
  }

  private i32(length: number): Int32Array {
    const view = new Int32Array(this.buffer, this.at, length);
    this.at = align8(this.at + 4 * length);
    return view;
  }

  private i64(length: number): BigInt64Array {
    const view = new BigInt64Array(this.buffer, this.at, length);
    this.at += 8 * length;
    return view;
  }

  private f64(length: number): Float64Array {
    const view = new Float64Array(this.buffer, this.at, length);
    this.at += 8 * length;
    return view;
  }
}

const corrupt = (why: string): TaskFailure => new TaskFailure("internal", "retry", `a frame cannot be read: ${why}`);
